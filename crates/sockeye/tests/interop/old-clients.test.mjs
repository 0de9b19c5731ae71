// Clients of Socket.IO 1 and 2 are served beside those of today, if the server allows it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import io1 from "socket.io-client-1";
import io2 from "socket.io-client-2";

import { MODES, connect, once } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";

const CLIENTS = { "socket.io-client 1.7": io1, "socket.io-client 2": io2 };

let server;
before(async () => (server = await startServer({ env: { ALLOW_EIO3: "1" } })));
after(() => server.stop());

/** A client that need not be connected yet. */
function open(t, io, url, options) {
  const socket = io(url, { forceNew: true, reconnection: false, ...options });
  t.after(() => socket.disconnect());
  return socket;
}

/** A client that is let in, and has changed its transport if it is to. */
async function enter(t, io, url, options) {
  const socket = open(t, io, url, options);
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    for (const name of ["error", "connect_error"]) socket.once(name, reject);
  });
  const { engine } = socket.io;
  if (options.transports.length === 2 && engine.transport.name !== "websocket") {
    await new Promise((resolve) => engine.once("upgrade", resolve));
  }
  return socket;
}

/** What the server acknowledges an event with. */
function ask(socket, ...event) {
  return new Promise((resolve) => socket.emit(...event, (...answer) => resolve(answer)));
}

for (const [name, io] of Object.entries(CLIENTS)) {
  for (const [mode, transports] of Object.entries(MODES)) {
    describe(`${name}, ${mode}`, { timeout: 60_000 }, () => {
      it("gives back events and acknowledgements as they were", async (t) => {
        const socket = await enter(t, io, server.url, transports);
        const args = ["€ 😀", 1.5, null, { nested: [true, "x"] }];
        const echo = once(socket, "echo");
        socket.emit("echo", ...args);

        assert.deepEqual(await echo, args);
        assert.deepEqual(await ask(socket, "mirror", ...args), args);
      });

      it("carries binary data nested in objects both ways", async (t) => {
        const socket = await enter(t, io, server.url, transports);
        const event = once(socket, "album");
        const album = { title: "Fish", cover: Buffer.from([1, 2, 3]), pages: [{ number: 1, scan: Buffer.from([4, 5]) }] };

        const [answer] = await ask(socket, "album", album);

        const expected = { title: "Fish", cover: Buffer.from([3, 2, 1]), pages: [{ number: 1, scan: Buffer.from([5, 4]) }] };
        assert.deepEqual(answer, expected);
        assert.deepEqual((await event)[0], expected);
      });

      it("shares rooms with a client of today", async (t) => {
        const [old, young] = [await enter(t, io, server.url, transports), await connect(t, server.url, transports)];
        const room = `${name} ${mode}`;
        for (const socket of [old, young]) await ask(socket, "join", room);
        const said = [["say", { text: "hello" }], ["say-bytes", Buffer.from([1, 2])]];

        for (const [event, data] of said) {
          const [atYoung, atOld] = [once(young, "said"), once(old, "said")];
          await ask(old, event, room, data);
          assert.deepEqual((await atYoung)[0], data);
          await ask(young, event, room, data);
          assert.deepEqual((await atOld)[0], data);
        }
      });

      it("knows its own id, which is the name of its room", async (t) => {
        const [old, young] = [await enter(t, io, server.url, transports), await connect(t, server.url, transports)];
        const said = once(old, "said");

        await ask(young, "say", old.id, "only you");

        assert.deepEqual(await said, ["only you"]);
      });

      it("is let into a namespace by a query, and knows its id there", async (t) => {
        const socket = await enter(t, io, `${server.url}/members?token=sesame&name=Old+Timer`, transports);

        assert.deepEqual(await ask(socket, "who"), ["Old Timer"]);
      });

      it("is turned away with the data of the refusal", async (t) => {
        const socket = open(t, io, `${server.url}/members?token=wrong`, transports);

        const [error] = await once(socket, "error");

        assert.deepEqual(error, { code: 401, hints: ["ask for a token"] });
      });

      it("learns that there is no such namespace", async (t) => {
        const socket = open(t, io, `${server.url}/nope`, transports);

        const [error] = await once(socket, "error");

        assert.deepEqual(error, { message: "Invalid namespace" });
      });

      it("stays connected over several heartbeats", async (t) => {
        const quick = await startServer({ env: { ALLOW_EIO3: "1", PING_INTERVAL_MS: "100", PING_TIMEOUT_MS: "1000" } });
        t.after(() => quick.stop());
        const socket = await enter(t, io, quick.url, transports);
        for (let beats = 0; beats < 3; beats++) await once(socket, "pong");

        assert.deepEqual(await ask(socket, "mirror", 1), [1]);
      });

      it("learns that it was taken out", async (t) => {
        const socket = await enter(t, io, server.url, transports);
        const reason = once(socket, "disconnect");

        socket.emit("kick", false);

        assert.deepEqual(await reason, ["io server disconnect"]);
      });
    });
  }

  it(`${name} is refused unless the server allows it`, { timeout: 60_000 }, async (t) => {
    const strict = await startServer();
    t.after(() => strict.stop());
    const socket = open(t, io, strict.url, { transports: ["polling"] });

    await once(socket, "connect_error");

    assert.equal(socket.connected, false);
  });
}
