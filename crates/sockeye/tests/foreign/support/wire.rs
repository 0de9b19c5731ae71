//! A network between a client and a server, which can be cut.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// The way to one server.
pub(crate) struct Wire {
    url: String,
    is_cut: watch::Sender<bool>,
    carried: watch::Receiver<u64>,
}

impl Wire {
    pub(crate) async fn to(port: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let is_cut = watch::Sender::new(false);
        let (count, carried) = watch::channel(0);
        tokio::spawn(carry(listener, format!("127.0.0.1:{port}"), is_cut.subscribe(), count));
        Self { url, is_cut, carried }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until a connection has ended in order, and gives the bytes that went either way on all that have.
    pub(crate) async fn carried(&mut self) -> u64 {
        *self.carried.wait_for(|bytes| *bytes > 0).await.unwrap()
    }

    /// Ends all connections, and lets nobody connect.
    pub(crate) fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    /// Lets clients connect again.
    pub(crate) fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

async fn carry(
    listener: TcpListener,
    server: String,
    is_cut: watch::Receiver<bool>,
    count: watch::Sender<u64>,
) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (server, mut is_cut, count) = (server.clone(), is_cut.clone(), count.clone());
        tokio::spawn(async move {
            let carried = async {
                let mut far = TcpStream::connect(server).await?;
                copy_bidirectional(&mut near, &mut far).await
            };
            tokio::select! {
                // Whoever has ended has said so to the other.
                carried = carried => {
                    let (up, down) = carried.unwrap_or_default();
                    count.send_modify(|bytes| *bytes += up + down);
                }
                _ = is_cut.wait_for(|is_cut| *is_cut) => {}
            }
        });
    }
}
