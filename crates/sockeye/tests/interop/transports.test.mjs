// What must work over every transport: events, binary data, acknowledgements both ways.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { MODES, collect, connect, until } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";
import { itCarriesEverything } from "./lib/talk.mjs";

const ARGUMENTS = [
  [],
  [null],
  [1, "2", { 3: [true, false, null] }],
  [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER],
  ["", "\u0000\u001e\u2028 \"quoted\" \\ 🐟 ﷽", "4", "b", "\x1e"],
  [[], {}, [[[[]]]], { "": { "": "" } }],
  [{ _placeholder: false, num: 0 }],
  [Buffer.from([])],
  [Buffer.from([0]), "between", Buffer.from([1, 2]), [Buffer.from([3])]],
  [{ deep: { deeper: [{ bytes: Buffer.from("fish") }] } }, 7],
];

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

for (const [mode, options] of Object.entries(MODES)) {
  describe(mode, { timeout: 60_000 }, () => {
    it("speaks on the transport that was asked for", async (t) => {
      const socket = await connect(t, server.url, options);

      assert.equal(socket.io.engine.transport.name, options.transports.at(-1));
    });

    itCarriesEverything(() => server.url, options, ARGUMENTS);

    it("lets the server ask for an acknowledgement", async (t) => {
      const socket = await connect(t, server.url, options);
      socket.on("question", (question, ack) => ack({ to: question, answer: 42 }));

      const answer = await socket.timeout(5000).emitWithAck("ask", { what: "?" });

      assert.deepEqual(answer, { to: { what: "?" }, answer: 42 });
    });

    it("lets the client acknowledge with binary data", async (t) => {
      const socket = await connect(t, server.url, options);
      socket.on("question", (_, ack) => ack(Buffer.from("fish")));

      assert.deepEqual(await socket.timeout(5000).emitWithAck("ask-for-binary", null), Buffer.from("fish"));
    });

    it("tells a handler that the client did not acknowledge in time", async (t) => {
      const socket = await connect(t, server.url, options);

      const answer = await socket.timeout(5000).emitWithAck("ask-in-vain");

      assert.deepEqual(answer, { message: "operation has timed out" });
    });

    it("delivers 10,000 events that a handler emits in a row, and its acknowledgement", async (t) => {
      const socket = await connect(t, server.url, options);
      const ticks = collect(socket, "tick", 10_000);

      const count = await socket.timeout(30_000).emitWithAck("flood", 10_000);

      assert.equal(count, 10_000);
      assert.deepEqual(await ticks, Array.from({ length: 10_000 }, (_, index) => index));
    });

    it("handles 10,000 events that a client emits in a row, in order", async (t) => {
      const socket = await connect(t, server.url, options);

      for (let number = 0; number < 10_000; number++) socket.emit("up", number);
      const seen = await new Promise((resolve) => socket.emit("ups", (...args) => resolve(args)));

      assert.deepEqual(seen, [10_000, true]);
    });

    it("delivers volatile events when the client can take them, in order", async (t) => {
      const socket = await connect(t, server.url, options);
      let seen = [];
      socket.on("volatile", (number) => seen.push(number));

      // Over polling there is a moment after each answer when nothing can be taken.
      await until(() => socket.timeout(5000).emitWithAck("volatile", 1).then(() => seen.length > 0));
      seen = [];
      await socket.timeout(5000).emitWithAck("volatile", 1000);

      assert.ok(seen.length <= 1000);
      assert.ok(seen.every((number, index) => index === 0 || number > seen[index - 1]), `${seen}`);
    });
  });
}
