// Compressed messages, with what Node's clients run on: `ws` compresses at one end, sockeye at the other.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { WebSocket } from "ws";

import { connect, once } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";
import { itCarriesEverything } from "./lib/talk.mjs";

const OPTIONS = { transports: ["websocket"] };
const SENTENCE = "the same words again and again, ";
const ARGUMENTS = [
  [],
  ["small"],
  [SENTENCE.repeat(100), { deep: [SENTENCE.repeat(50), null] }],
  [SENTENCE.repeat(100)],
  [Buffer.from(SENTENCE.repeat(100)), "between", Buffer.alloc(200_000, 7)],
  [Array.from({ length: 5000 }, (_, index) => ({ index, text: `number ${index}` }))],
];

/** What has come over the wire so far, in bytes. */
const received = (socket) => socket.io.engine.transport.ws._socket.bytesRead;
const sent = (socket) => socket.io.engine.transport.ws._socket.bytesWritten;

for (const contexts of ["with-contexts", "without-contexts"]) {
  describe(`compressed ${contexts}`, { timeout: 60_000 }, () => {
    let server, engine;
    before(async () => {
      server = await startServer({ env: { DEFLATE: contexts } });
      engine = await startServer({ app: "engine", env: { DEFLATE: contexts } });
    });
    after(() => Promise.all([server.stop(), engine.stop()]));

    itCarriesEverything(() => server.url, OPTIONS, ARGUMENTS);

    it("takes few bytes on the wire, both ways", async (t) => {
      const socket = await connect(t, server.url, OPTIONS);
      const text = SENTENCE.repeat(3000);
      const before = { received: received(socket), sent: sent(socket) };

      assert.equal(await socket.timeout(5000).emitWithAck("mirror", text), text);

      assert.match(socket.io.engine.transport.ws.extensions, /^permessage-deflate/);
      assert.ok(received(socket) - before.received < text.length / 50);
      assert.ok(sent(socket) - before.sent < text.length / 50);
    });

    it("refers to messages before only if that was agreed", async (t) => {
      const socket = await connect(t, server.url, OPTIONS);
      const noise = Array.from({ length: 1500 }, () => Math.random()).join();
      const sizes = [];
      for (let round = 0; round < 2; round++) {
        const before = received(socket);
        assert.equal(await socket.timeout(5000).emitWithAck("mirror", noise), noise);
        sizes.push(received(socket) - before);
      }

      // A window holds 32 KiB, and so the whole message.
      assert.equal(sizes[1] < sizes[0] / 5, contexts === "with-contexts", `${sizes} bytes`);
    });

    it("tells many, whether they compress or not, between what each is told alone", async (t) => {
      const speaker = await connect(t, server.url, OPTIONS);
      const plain = await connect(t, server.url, { ...OPTIONS, perMessageDeflate: false });
      const polling = await connect(t, server.url, { transports: ["polling"] });
      const listeners = [await connect(t, server.url, OPTIONS), await connect(t, server.url, OPTIONS), plain, polling];
      assert.equal(plain.io.engine.transport.ws.extensions, "");

      for (let round = 0; round < 3; round++) {
        const shout = `${round}: ${SENTENCE.repeat(200)}`;
        const heard = listeners.map((socket) => once(socket, "said"));
        await speaker.timeout(5000).emitWithAck("shout", shout);
        assert.deepEqual(await Promise.all(heard), listeners.map(() => [shout]));

        const own = listeners.map((socket) => socket.timeout(5000).emitWithAck("mirror", shout));
        assert.deepEqual(await Promise.all(own), listeners.map(() => shout));
      }
    });

    for (const [title, options] of Object.entries({
      "any window": {},
      "small windows": { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
      "no contexts by its own wish": { serverNoContextTakeover: true, clientNoContextTakeover: true },
    })) {
      it(`takes a message in compressed fragments from a client with ${title}`, async (t) => {
        const url = `${engine.url.replace("http", "ws")}/engine.io/?EIO=4&transport=websocket`;
        const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0, ...options } });
        t.after(() => socket.terminate());
        await once(socket, "message");
        const text = `4${Array.from({ length: 20_000 }, (_, index) => index).join()}`;

        for (let round = 0; round < 2; round++) {
          const echo = once(socket, "message");
          socket.send(text.slice(0, 5), { fin: false });
          socket.ping();
          socket.send(text.slice(5, 40_000), { fin: false });
          socket.send(text.slice(40_000));

          assert.equal(String((await echo)[0]), text);
        }
        assert.match(socket.extensions, /^permessage-deflate/);
      });
    }

    it("ends the session of a client whose message becomes too large", async (t) => {
      const socket = await connect(t, server.url, OPTIONS);
      const closed = once(socket, "disconnect");

      socket.emit("mirror", "a".repeat(1_000_001));

      assert.match((await closed)[0], /^transport (close|error)$/);
    });
  });
}
