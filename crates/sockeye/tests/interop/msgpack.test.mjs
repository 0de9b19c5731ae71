// Clients that speak MessagePack are served as those that speak JSON.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import parser from "socket.io-msgpack-parser";

import { MODES, connect, connected, once, open } from "./lib/client.mjs";
import { isReference, startServer } from "./lib/server.mjs";
import { itCarriesEverything } from "./lib/talk.mjs";

const ARGUMENTS = [
  [],
  [null],
  [1, "2", { 3: [true, false, null] }],
  [0, -1, 1.5, -1e-9, 127, 128, 65_536, 2 ** 32, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ["", "\u0000\u001e\u2028 \"quoted\" \\ 🐟 ﷽", "4", "b", "\x1e"],
  [[], {}, [[[[]]]], { "": { "": "" } }, Array.from({ length: 70_000 }, (_, index) => index)],
  [{ _placeholder: false, num: 0 }],
  [{ _placeholder: true, num: 0 }],
  [Buffer.from([])],
  [Buffer.from([0]), "between", Buffer.from([1, 2]), [Buffer.from([3])]],
  [{ deep: { deeper: [{ bytes: Buffer.from("fish") }] } }, 7],
];

let server;
before(async () => (server = await startServer({ env: { FORMAT: "msgpack" } })));
after(() => server.stop());

for (const [mode, transports] of Object.entries(MODES)) {
  const options = { ...transports, parser };

  describe(`MessagePack, ${mode}`, { timeout: 60_000 }, () => {
    itCarriesEverything(() => server.url, options, ARGUMENTS);

    it("lets the server ask for an acknowledgement, which may be binary", async (t) => {
      const socket = await connect(t, server.url, options);
      socket.on("question", (question, ack) => ack(question ?? Buffer.from("fish")));

      assert.deepEqual(await socket.timeout(5000).emitWithAck("ask", { what: "?" }), { what: "?" });
      assert.deepEqual(await socket.timeout(5000).emitWithAck("ask-for-binary", null), Buffer.from("fish"));
    });

    it("takes dates and undefined for what JSON makes of them", async (t) => {
      const socket = await connect(t, server.url, options);
      const date = new Date();

      const answer = await socket.timeout(5000).emitWithAck("mirror", { date, list: [undefined], nothing: undefined });

      const asJson = { date: date.toISOString(), list: [null] };
      assert.deepEqual(answer, isReference ? { date, list: [undefined], nothing: undefined } : asJson);
    });

    it("lets in who may come in, and tells the others why not", async (t) => {
      const member = open(t, `${server.url}/members`, { ...options, auth: { name: "Ann", token: "sesame" } });
      await connected(member);
      assert.equal(await member.timeout(5000).emitWithAck("who"), "Ann");

      const other = open(t, `${server.url}/members`, { ...options, auth: { name: "Bob" } });
      const [error] = await once(other, "connect_error");
      assert.equal(error.message, "not a member");
      assert.deepEqual(error.data, { code: 401, hints: ["ask for a token"] });
    });

    it("is told when the server ends it", async (t) => {
      const socket = await connect(t, server.url, options);
      const end = once(socket, "disconnect");
      socket.emit("kick", false);

      assert.equal((await end)[0], "io server disconnect");
    });
  });
}
