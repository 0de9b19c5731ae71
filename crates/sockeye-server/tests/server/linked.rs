//! Servers of one process that know each other: what an adapter that spans servers does, without a bus.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, Weak},
    time::Instant,
};

use futures_util::future::{join_all, try_join_all};
use sockeye_adapter::{
    Acks, Adapter, AdapterError, BoxFuture, Closing, Delivery, FetchedSocket, Host, LocalAdapter, Member,
    Room, ServerEvent, SocketKey, Target, collect,
};
use sockeye_parser::{Args, EventName, Format, NamespaceName, Packet, SocketId};
use sockeye_server::{Namespace, Server};
use tokio::time::timeout_at;

/// Servers, each with a namespace of the same name.
pub(crate) fn servers<const N: usize>(namespaces: [Namespace; N]) -> [Server; N] {
    let cluster = Cluster::default();
    namespaces.map(|namespace| {
        let cluster = cluster.clone();
        let builder = Server::builder().namespace(namespace);
        builder.adapter(move |name, format| cluster.adapter(name, format.clone())).build()
    })
}

#[derive(Clone, Default)]
struct Cluster(Arc<Mutex<HashMap<NamespaceName, Vec<Arc<Node>>>>>);

/// A namespace of one server.
struct Node {
    local: LocalAdapter,
    host: OnceLock<Weak<dyn Host>>,
}

struct Linked {
    name: NamespaceName,
    node: Arc<Node>,
    cluster: Cluster,
}

impl Cluster {
    fn adapter(&self, name: &NamespaceName, format: Arc<dyn Format>) -> Linked {
        let node = Arc::new(Node { local: LocalAdapter::new(format), host: OnceLock::new() });
        self.0.lock().unwrap().entry(name.clone()).or_default().push(node.clone());
        Linked { name: name.clone(), node, cluster: self.clone() }
    }
}

impl Linked {
    /// The nodes that the target reaches, this one first.
    fn reached(&self, target: &Target) -> Vec<Arc<Node>> {
        let others = if target.is_local() { Vec::new() } else { self.others() };
        std::iter::once(self.node.clone()).chain(others).collect()
    }

    /// Those whose servers are still there.
    fn others(&self) -> Vec<Arc<Node>> {
        let nodes = self.cluster.0.lock().unwrap();
        let others = nodes[&self.name].iter().filter(|node| !Arc::ptr_eq(node, &self.node));
        others.filter(|node| node.host().is_some()).cloned().collect()
    }
}

impl Node {
    fn host(&self) -> Option<Arc<dyn Host>> {
        self.host.get()?.upgrade()
    }

    /// The same event, to be acknowledged by sockets of this server.
    fn renumber(&self, packet: &Packet) -> Packet {
        let Packet::Event { namespace, name, args, .. } = packet.clone() else { panic!("an event") };
        let ack = self.host().map(|host| host.next_ack_id());
        Packet::Event { namespace, name, args, ack }
    }

    /// Hands in an event and waits for the answer.
    async fn ask(&self, name: &EventName, args: &Args, deadline: Instant) -> Acks {
        let (answers, collected) = collect();
        let answer = Some(answers.expect_one());
        drop(answers);
        let event = ServerEvent { name: name.clone(), args: args.clone(), answer };
        self.host().unwrap().handle(event);
        let acks = timeout_at(deadline.into(), collected).await;
        acks.unwrap_or(Acks { answers: Vec::new(), missing: 1 })
    }
}

impl Adapter for Linked {
    fn attach(&self, host: Weak<dyn Host>) {
        assert!(self.node.host.set(host).is_ok(), "attached once");
    }

    fn add(&self, member: Arc<dyn Member>) -> SocketKey {
        self.node.local.add(member)
    }

    fn remove(&self, key: SocketKey) {
        self.node.local.remove(key);
    }

    fn join(&self, key: SocketKey, rooms: &[Room]) {
        self.node.local.join(key, rooms);
    }

    fn leave(&self, key: SocketKey, room: &Room) {
        self.node.local.leave(key, room);
    }

    fn rooms(&self, key: SocketKey) -> Vec<Room> {
        self.node.local.rooms(key)
    }

    fn members(&self, target: &Target) -> Vec<Arc<dyn Member>> {
        self.node.local.members(target)
    }

    fn len(&self) -> usize {
        self.node.local.len()
    }

    fn broadcast<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            for node in self.reached(target) {
                node.local.broadcast(packet, target, delivery).await?;
            }
            Ok(())
        })
    }

    fn broadcast_with_ack<'a>(
        &'a self,
        packet: &'a Packet,
        target: &'a Target,
        delivery: Delivery,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>> {
        Box::pin(async move {
            let nodes = self.reached(target);
            let asked = nodes.iter().map(async |node| {
                let packet =
                    if Arc::ptr_eq(node, &self.node) { packet.clone() } else { node.renumber(packet) };
                node.local.broadcast_with_ack(&packet, target, delivery, deadline).await
            });
            try_join_all(asked).await.map(sum)
        })
    }

    fn sockets<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Vec<SocketId>, AdapterError>> {
        Box::pin(async move {
            let mut ids = Vec::new();
            for node in self.reached(target) {
                ids.extend(node.local.sockets(target).await?);
            }
            Ok(ids)
        })
    }

    fn fetch_sockets<'a>(
        &'a self,
        target: &'a Target,
    ) -> BoxFuture<'a, Result<Vec<FetchedSocket>, AdapterError>> {
        Box::pin(async move {
            let mut sockets = self.node.local.fetch_sockets(target).await?;
            for other in self.reached(target).iter().skip(1) {
                let details = other.local.details(target);
                sockets.extend(details.into_iter().map(Arc::new).map(FetchedSocket::Remote));
            }
            Ok(sockets)
        })
    }

    fn join_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            for node in self.reached(target) {
                node.local.join_all(target, rooms).await?;
            }
            Ok(())
        })
    }

    fn leave_all<'a>(
        &'a self,
        target: &'a Target,
        rooms: &'a [Room],
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            for node in self.reached(target) {
                node.local.leave_all(target, rooms).await?;
            }
            Ok(())
        })
    }

    fn disconnect_all<'a>(
        &'a self,
        target: &'a Target,
        closing: Closing,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            for node in self.reached(target) {
                node.local.disconnect_all(target, closing).await?;
            }
            Ok(())
        })
    }

    fn server_side_emit<'a>(
        &'a self,
        name: &'a EventName,
        args: &'a Args,
    ) -> BoxFuture<'a, Result<(), AdapterError>> {
        for host in self.others().iter().filter_map(|node| node.host()) {
            host.handle(ServerEvent { name: name.clone(), args: args.clone(), answer: None });
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn server_side_emit_with_ack<'a>(
        &'a self,
        name: &'a EventName,
        args: &'a Args,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Acks, AdapterError>> {
        Box::pin(async move {
            let others = self.others();
            let asked = others.iter().map(|node| node.ask(name, args, deadline));
            Ok(sum(join_all(asked).await))
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), AdapterError>> {
        self.node.local.close()
    }
}

mod contract {
    sockeye_testing::adapter_contract!(|format| super::Cluster::default().adapter(&"/".into(), format));
}

/// What several nodes have answered.
fn sum(parts: Vec<Acks>) -> Acks {
    let missing = parts.iter().map(|part| part.missing).sum();
    Acks { answers: parts.into_iter().flat_map(|part| part.answers).collect(), missing }
}
