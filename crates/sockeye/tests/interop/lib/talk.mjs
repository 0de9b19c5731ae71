// Tests that hold whatever carries a conversation, and in whichever format.

import assert from "node:assert/strict";
import { it } from "node:test";

import { connect, once } from "./client.mjs";

/** What goes out comes back: these lists of arguments, binary data wherever it stands, and much at once. */
export function itCarriesEverything(url, options, lists) {
  it("gives back any arguments as they were", async (t) => {
    const socket = await connect(t, url(), options);
    for (const args of lists) {
      const echo = once(socket, "echo");
      socket.emit("echo", ...args);

      assert.deepEqual(await echo, args);
    }
  });

  it("acknowledges with any arguments", async (t) => {
    const socket = await connect(t, url(), options);
    for (const args of lists) {
      const answer = new Promise((resolve) => socket.emit("mirror", ...args, (...answer) => resolve(answer)));

      assert.deepEqual(await answer, args);
    }
  });

  it("carries binary data nested in objects both ways", async (t) => {
    const socket = await connect(t, url(), options);
    const event = once(socket, "album");

    const answer = await socket.timeout(5000).emitWithAck("album", {
      title: "Fish",
      cover: Buffer.from([1, 2, 3]),
      pages: [
        { number: 1, scan: new Uint8Array([4, 5]) },
        { number: 2, scan: new Uint8Array([6]).buffer },
      ],
    });

    const expected = {
      title: "Fish",
      cover: Buffer.from([3, 2, 1]),
      pages: [
        { number: 2, scan: Buffer.from([6]) },
        { number: 1, scan: Buffer.from([5, 4]) },
      ],
    };
    assert.deepEqual(answer, expected);
    assert.deepEqual(await event, [expected]);
  });

  it("carries a large text and large binary data both ways", async (t) => {
    const socket = await connect(t, url(), options);
    const text = "sockeye 🐟 ".repeat(50_000);
    const bytes = Buffer.alloc(600_000, (index) => index % 251);

    assert.equal(await socket.timeout(5000).emitWithAck("mirror", text), text);
    assert.deepEqual(await socket.timeout(5000).emitWithAck("mirror", bytes), bytes);
  });
}
