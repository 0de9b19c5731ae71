//! What the chat does with what people send.

use std::sync::Arc;

use bytes::Bytes;
use sockeye::{Ack, Data, Namespace, Refusal, Socket, State};

use crate::rooms::{Content, Entry, Rooms, View};

/// Who a socket is; kept with it once somebody has joined.
#[derive(Debug)]
struct Guest {
    nickname: Arc<str>,
    room: String,
}

pub(crate) fn namespace() -> Namespace {
    Namespace::new("/")
        .on("join", join)
        .on("say", say)
        .on("picture", picture)
        .on("typing", typing)
        .on_disconnect(leave)
}

async fn join(
    socket: Socket,
    State(rooms): State<Rooms>,
    Data((nickname, room)): Data<(String, String)>,
) -> Result<Ack<View>, Refusal> {
    let (nickname, room) = (nickname.trim(), room.trim());
    if !(1..=24).contains(&nickname.chars().count()) || !(1..=24).contains(&room.chars().count()) {
        return Err(Refusal::new("A name has 1 to 24 characters."));
    }
    leave(socket.clone(), State(rooms.clone())).await;
    let nickname = Arc::from(nickname);
    let view = rooms.enter(room, &nickname).ok_or_else(|| Refusal::new("Somebody here has that name."))?;
    socket.data().insert(Guest { nickname: nickname.clone(), room: room.into() });
    socket.join(room);
    socket.to(room).emit("came", &(&nickname, &view.people)).await.ok();
    Ok(Ack(view))
}

async fn say(socket: Socket, rooms: State<Rooms>, Data(text): Data<String>) -> Result<(), Refusal> {
    if text.trim().is_empty() || text.len() > 4000 {
        return Err(Refusal::new("A message has 1 to 4,000 characters."));
    }
    publish(&socket, rooms, Content::Text(text)).await
}

async fn picture(
    socket: Socket,
    rooms: State<Rooms>,
    Data((media, bytes)): Data<(String, Bytes)>,
) -> Result<(), Refusal> {
    if !["image/gif", "image/jpeg", "image/png", "image/webp"].contains(&media.as_str()) {
        return Err(Refusal::new("That is no picture."));
    }
    publish(&socket, rooms, Content::Picture { media, bytes }).await
}

/// A notice that may get lost: the next key brings another.
async fn typing(socket: Socket, Data(is_typing): Data<bool>) {
    if let Some(guest) = socket.data().get::<Guest>() {
        socket.to(&*guest.room).volatile().emit("typing", &(&guest.nickname, is_typing)).await.ok();
    }
}

async fn leave(socket: Socket, State(rooms): State<Rooms>) {
    if let Some(guest) = socket.data().remove::<Guest>() {
        let people = rooms.leave(&guest.room, &guest.nickname);
        socket.to(&*guest.room).emit("left", &(&guest.nickname, people)).await.ok();
        socket.leave(&*guest.room);
    }
}

/// Shows an entry to everybody in the room, its author as well.
async fn publish(socket: &Socket, State(rooms): State<Rooms>, content: Content) -> Result<(), Refusal> {
    let guest = socket.data().get::<Guest>().ok_or_else(|| Refusal::new("Join a room first."))?;
    let entry = Entry::new(&guest.nickname, content);
    rooms.keep(&guest.room, &entry);
    socket.to(&*guest.room).emit("entry", &entry).await.ok();
    socket.emit("entry", &entry).await.ok();
    Ok(())
}
