// A form of packets that sockeye does not bring is served like any other: one of our own, and one of npm's.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import jsonParser from "socket.io-json-parser";

import { MODES, connect, connected, once, open } from "./lib/client.mjs";
import * as objects from "./lib/objects-parser.mjs";
import { startServer } from "./lib/server.mjs";
import { itCarriesEverything } from "./lib/talk.mjs";

const TEXT = [
  [],
  [null],
  [1, "2", { 3: [true, false, null] }],
  ["", "\u0000\u001e\u2028 \"quoted\" \\ 🐟", "4", "b"],
  [[], {}, [[[[]]]], { "": { "": "" } }],
  [{ _placeholder: true, num: 0 }],
];

const BINARY = [
  [Buffer.from([])],
  [Buffer.from([0]), "between", Buffer.from([1, 2]), [Buffer.from([3])]],
  [{ deep: { deeper: [{ bytes: Buffer.from("fish") }] } }, 7],
];

let server;
before(async () => (server = await startServer({ env: { FORMAT: "objects" } })));
after(() => server.stop());

for (const [mode, transports] of Object.entries(MODES)) {
  describe(`a parser of one's own, ${mode}`, { timeout: 60_000 }, () => {
    itCarriesEverything(() => server.url, { ...transports, parser: objects }, [...TEXT, ...BINARY]);
  });
}

describe("a parser of one's own", { timeout: 60_000 }, () => {
  const options = { parser: objects };

  it("lets in who may come in, and tells the others why not", async (t) => {
    const member = open(t, `${server.url}/members`, { ...options, auth: { name: "Ann", token: "sesame" } });
    await connected(member);
    assert.equal(await member.timeout(5000).emitWithAck("who"), "Ann");

    const other = open(t, `${server.url}/members`, { ...options, auth: { name: "Bob" } });
    const [error] = await once(other, "connect_error");
    assert.deepEqual([error.message, error.data], ["not a member", { code: 401, hints: ["ask for a token"] }]);
  });

  it("lets the server ask for an acknowledgement", async (t) => {
    const socket = await connect(t, server.url, options);
    socket.on("question", (question, ack) => ack(question));

    assert.deepEqual(await socket.timeout(5000).emitWithAck("ask", { what: "?" }), { what: "?" });
  });
});

describe("socket.io-json-parser", { timeout: 60_000 }, () => {
  it("finds its own packets wherever there is no binary data", async (t) => {
    const socket = await connect(t, server.url, { parser: jsonParser });
    for (const args of TEXT) {
      assert.deepEqual(
        await new Promise((resolve) => socket.emit("mirror", ...args, (...answer) => resolve(answer))),
        args,
      );
    }
    const end = once(socket, "disconnect");
    socket.emit("kick", false);

    assert.equal((await end)[0], "io server disconnect");
  });
});
