// A server behind a balancer that keeps clients on one server by a cookie: whoever does not bring it back is lost.

import { createServer } from "node:http";

import { Server } from "socket.io";

const server = createServer();
const io = new Server(server, { cookie: { name: "place" } });
io.engine.use((request, response, next) => {
  const sid = new URL(request.url, "http://localhost").searchParams.get("sid");
  const isLost = sid && !request.headers.cookie?.split("; ").includes(`place=${sid}`);
  next(isLost ? new Error("another server") : undefined);
});
io.on("connection", (socket) => {
  socket.on("mirror", (value, ack) => ack(value));
});
server.listen(0, "127.0.0.1", () => console.log(`ready: http://127.0.0.1:${server.address().port}`));
