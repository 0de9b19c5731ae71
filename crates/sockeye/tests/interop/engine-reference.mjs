// The app of `engine-fixture` on the reference server: whatever comes goes back.

import { createServer } from "node:http";
import { Server } from "engine.io";

import { perMessageDeflate } from "./lib/deflate.mjs";

const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);

const engine = new Server({
  pingInterval: setting("PING_INTERVAL_MS", 300),
  pingTimeout: setting("PING_TIMEOUT_MS", 200),
  maxHttpBufferSize: setting("MAX_PAYLOAD", 1_000_000),
  perMessageDeflate: perMessageDeflate(),
  ...(process.env.HOOKS === "1" && { allowRequest }),
});
if (process.env.HOOKS === "1") {
  engine.generateId = (request) => request._query.name;
  engine.on("initial_headers", (headers) => (headers["x-first"] = "yes"));
  engine.on("headers", (headers) => (headers["x-each"] = "yes"));
}
engine.on("connection", (socket) => socket.on("data", (data) => socket.send(data)));

function allowRequest(request, decide) {
  const message = request._query.refuse;
  setTimeout(() => decide(message, message === undefined), 5);
}

const http = createServer();
engine.attach(http);
http.listen(setting("PORT", 3000), () => console.log(`ready: http://127.0.0.1:${http.address().port}`));
