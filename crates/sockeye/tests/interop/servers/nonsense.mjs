// An engine whose application is not Socket.IO.

import { createServer } from "node:http";

import { Server } from "engine.io";

const server = createServer();
const engine = new Server();
engine.attach(server, { path: "/socket.io/" });
engine.on("connection", (session) => session.send("what is this?"));
server.listen(0, "127.0.0.1", () => console.log(`ready: http://127.0.0.1:${server.address().port}`));
