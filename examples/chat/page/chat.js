// The page's side of the chat: everything goes through the unmodified Socket.IO client.
"use strict";

const $ = (id) => document.getElementById(id);
const socket = io();
let me = null;
let room = null;

function join() {
  socket.timeout(10000).emit("join", me, room, (error, view) => {
    const problem = error ? "The server does not answer." : view.message;
    if (problem) {
      $("door-error").textContent = problem;
      return;
    }
    $("door").hidden = true;
    $("hall").hidden = false;
    $("room-name").textContent = room;
    $("messages").replaceChildren();
    view.history.forEach(showEntry);
    showPeople(view.people);
    $("text").focus();
  });
}

$("door-form").addEventListener("submit", (event) => {
  event.preventDefault();
  me = $("nickname").value.trim();
  room = $("room").value.trim();
  $("door-error").textContent = "";
  join();
});

$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim()) return;
  socket.emit("say", text, (answer) => answer && showNote(answer.message));
  $("text").value = "";
  stopTyping();
});

$("picture").addEventListener("change", () => {
  const [file] = $("picture").files;
  if (file) socket.emit("picture", file.type, file, (answer) => answer && showNote(answer.message));
  $("picture").value = "";
});

// A notice when somebody starts to type, and one when they have stopped for a while.
let typing = null;

function stopTyping() {
  if (typing) socket.volatile.emit("typing", false);
  clearTimeout(typing);
  typing = null;
}

$("text").addEventListener("input", () => {
  if (!typing) socket.volatile.emit("typing", true);
  clearTimeout(typing);
  typing = setTimeout(stopTyping, 2000);
});

const typists = new Set();

function showTypists() {
  const names = [...typists];
  $("typing").textContent =
    names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing…`;
}

socket.on("entry", (entry) => {
  typists.delete(entry.from);
  showTypists();
  showEntry(entry);
});
socket.on("came", (name, people) => {
  showNote(`${name} is here.`);
  showPeople(people);
});
socket.on("left", (name, people) => {
  typists.delete(name);
  showTypists();
  showNote(`${name} has left.`);
  showPeople(people);
});
socket.on("typing", (name, isTyping) => {
  isTyping ? typists.add(name) : typists.delete(name);
  showTypists();
});

socket.on("connect", () => {
  setStatus("connected", false);
  if (me && !$("hall").hidden) join();
});
socket.on("disconnect", () => setStatus("reconnecting…", true));

function setStatus(text, isOff) {
  $("status").textContent = text;
  $("status").classList.toggle("off", isOff);
}

function showEntry({ from, at, text, picture }) {
  const item = document.createElement("li");
  item.classList.toggle("mine", from === me);
  const meta = document.createElement("div");
  meta.className = "meta";
  const name = document.createElement("b");
  name.textContent = from;
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  meta.append(name, ` ${time}`);
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  if (picture) {
    const image = document.createElement("img");
    image.alt = `A picture by ${from}`;
    image.src = URL.createObjectURL(new Blob([picture.bytes], { type: picture.media }));
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    bubble.append(image);
  } else {
    bubble.textContent = text;
  }
  item.append(meta, bubble);
  append(item);
}

function showNote(text) {
  const item = document.createElement("li");
  item.className = "note";
  item.textContent = text;
  append(item);
}

function append(item) {
  const list = $("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.append(item);
  if (atEnd) item.scrollIntoView({ block: "end" });
}

function showPeople(people) {
  $("people").replaceChildren(
    ...people.map((name) => {
      const item = document.createElement("li");
      const face = document.createElement("span");
      face.className = "face";
      face.textContent = [...name][0].toUpperCase();
      const hue = [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);
      face.style.background = `hsl(${hue} 45% 42%)`;
      item.append(face, name === me ? `${name} (you)` : name);
      return item;
    }),
  );
}
