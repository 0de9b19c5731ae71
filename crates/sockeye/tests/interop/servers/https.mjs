// A server that is reached by TLS alone, with the certificate and the key that the environment has.

import { createServer } from "node:https";

import { Server } from "socket.io";

const { CERTIFICATE: cert, KEY: key } = process.env;

const server = createServer({ cert, key });
new Server(server).on("connection", (socket) => {
  socket.on("mirror", (value, ack) => ack(value));
});
server.listen(0, "127.0.0.1", () => console.log(`ready: https://localhost:${server.address().port}`));
