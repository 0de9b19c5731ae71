// The app of `interop-fixture` on the reference server: it shows that the tests themselves are right. The tests of the client,
// `tests/foreign`, talk to it as well.

import { Server } from "socket.io";
import msgpack from "socket.io-msgpack-parser";

import { perMessageDeflate } from "./lib/deflate.mjs";
import * as objects from "./lib/objects-parser.mjs";

const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);

const parsers = { msgpack, objects };

const io = new Server({
  pingInterval: setting("PING_INTERVAL_MS", 300),
  pingTimeout: setting("PING_TIMEOUT_MS", 200),
  maxHttpBufferSize: setting("MAX_PAYLOAD", 1_000_000),
  allowEIO3: process.env.ALLOW_EIO3 === "1",
  cors: { origin: "*" },
  perMessageDeflate: perMessageDeflate(),
  ...(process.env.TRANSPORTS && { transports: process.env.TRANSPORTS.split(",") }),
  ...(process.env.FORMAT && { parser: parsers[process.env.FORMAT] }),
  ...(process.env.RECOVERY === "1" && { connectionStateRecovery: {} }),
});
const reasons = new Map();

io.on("connection", (socket) => {
  socket.emit("welcome", socket.id);
  talk(socket);
  rooms(socket);
  farewell(socket);
});

function talk(socket) {
  const ups = { count: 0, inOrder: true };
  socket.on("echo", (...args) => socket.emit("echo", ...args));
  socket.on("mirror", (...args) => args.pop()(...args));
  socket.on("album", ({ title, cover, pages }, ack) => {
    const turned = pages.map(({ number, scan }) => ({ number, scan: reversed(scan) })).reverse();
    const album = { title, cover: reversed(cover), pages: turned };
    socket.emit("album", album);
    ack(album);
  });
  const ask = async (question, ack) => ack(await socket.timeout(5000).emitWithAck("question", question));
  socket.on("ask", ask);
  socket.on("ask-for-binary", ask);
  socket.on("ask-in-vain", (ack) => {
    socket.timeout(200).emit("silence", (error) => ack({ message: error.message }));
  });
  socket.on("flood", (count, ack) => {
    for (let number = 0; number < count; number++) socket.emit("tick", number);
    ack(count);
  });
  socket.on("up", (number) => {
    ups.inOrder &&= number === ups.count;
    ups.count++;
  });
  socket.on("ups", (ack) => ack(ups.count, ups.inOrder));
  let tries = 0;
  socket.on("third-time", (ack) => ++tries >= 3 && ack(tries));
  socket.on("volatile", (count, ack) => {
    for (let number = 0; number < count; number++) socket.volatile.emit("volatile", number);
    ack(count);
  });
  socket.on("handshake", (ack) => {
    const { auth, headers, query, url, address } = socket.handshake;
    ack({
      auth,
      header: headers["x-fixture"] ?? null,
      query: query.colour ?? null,
      revision: query.EIO,
      path: url.split("?")[0],
      isLocal: address.endsWith("127.0.0.1"),
    });
  });
  // The reference leaves failures to the application; these answer as sockeye does by itself.
  socket.on("fail", (ack) => ack({ message: "this always fails" }));
  socket.on("panic", () => {});
}

function rooms(socket) {
  socket.on("join", (room, ack) => ack(void socket.join(room)));
  socket.on("leave", (room, ack) => ack(void socket.leave(room)));
  socket.on("shout", (text, ack) => ack(void socket.broadcast.emit("said", text)));
  socket.on("say", (room, data, ack) => ack(void socket.to(room).emit("said", data)));
  socket.on("say-bytes", (room, bytes, ack) => ack(void socket.to(room).emit("said", bytes)));
  socket.on("say-except", (room, without, text, ack) => {
    ack(void socket.to(room).except(without).emit("said", text));
  });
  socket.on("publish", (data, ack) => ack(void (socket.data = data)));
  socket.on("present", async (room, ack) => {
    const sockets = await io.in(room).fetchSockets();
    ack(
      sockets.map(({ id, data, rooms, handshake: { query, address } }) => ({
        id,
        data,
        rooms: [...rooms],
        revision: query.EIO,
        isLocal: address.endsWith("127.0.0.1"),
      })),
    );
  });
  socket.on("poll-room", (room, question, milliseconds, ack) => {
    socket.to(room).timeout(milliseconds).emit("question", question, (error, answers) => {
      ack({ answers: answers.sort(), isComplete: !error });
    });
  });
}

function farewell(socket) {
  socket.on("is-recovered", (ack) => ack(socket.recovered));
  socket.on("kick", (whole) => socket.disconnect(whole));
  socket.on("ban", (whole, why) => {
    socket.emit("banned", why);
    socket.disconnect(whole);
  });
  socket.on("reason-of", (key, ack) => ack(reasons.get(key)?.reason ?? null));
  socket.on("details-of", (key, ack) => ack(reasons.get(key)?.details?.message ?? null));
  socket.on("disconnect", (reason, details) => reasons.set(socket.handshake.auth.key, { reason, details }));
}

const members = io.of("/members");
members.use((socket, next) => {
  const { name, token } = socket.handshake.auth;
  socket.data.name = name;
  const refusal = Object.assign(new Error("not a member"), { data: { code: 401, hints: ["ask for a token"] } });
  setTimeout(() => (token === "sesame" ? next() : next(refusal)), 5);
});
members.on("connection", (socket) => socket.on("who", (ack) => ack(socket.data.name)));

// The reference does not wait for handlers of "connection", but for middleware.
const slow = io.of("/slow");
slow.use((socket, next) => setTimeout(() => next(void (socket.data.isReady = true)), 20));
slow.on("connection", (socket) => socket.on("is-ready", (ack) => ack(socket.data.isReady)));

function reversed(bytes) {
  return Buffer.from(bytes).reverse();
}

// The port is reused at once by tests that restart the server.
const port = setting("PORT", 3000);
io.listen(port);
io.httpServer.once("listening", () => console.log(`ready: http://127.0.0.1:${io.httpServer.address().port}`));
process.once("SIGTERM", () => io.close());
