// The npm `engine.io-client`: sessions without Socket.IO on them.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Socket } from "engine.io-client";

import { MODES, once } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";

let server;
before(async () => (server = await startServer({ app: "engine" })));
after(() => server.stop());

/** An open session; one that changes its transport has done so. */
async function open(t, options) {
  const socket = new Socket(server.url.replace("http", "ws"), options);
  t.after(() => socket.close());
  await once(socket, options.transports.length === 2 ? "upgrade" : "open");
  return socket;
}

/** The next messages, as they came. */
function messages(socket, count) {
  const seen = [];
  return new Promise((resolve) => {
    socket.on("message", (data) => {
      seen.push(data);
      if (seen.length === count) resolve(seen);
    });
  });
}

for (const [mode, options] of Object.entries(MODES)) {
  describe(`Engine.IO, ${mode}`, { timeout: 60_000 }, () => {
    it("gives back text and binary messages in their order", async (t) => {
      const socket = await open(t, options);
      const sent = ["fish", Buffer.from([1, 2, 3]), "🐟\u2028", Buffer.from([]), "4", Buffer.alloc(50_000, 7), "end"];
      const back = messages(socket, sent.length);

      for (const message of sent) socket.send(message);

      assert.deepEqual(await back, sent);
    });

    it("carries a message as large as allowed, and not a larger one", async (t) => {
      const socket = await open(t, options);
      const closed = once(socket, "close");
      const back = messages(socket, 1);

      socket.send("a".repeat(999_999));
      assert.equal((await back)[0].length, 999_999);
      socket.send("a".repeat(1_000_000));

      const [reason] = await closed;
      assert.match(reason, /^transport (error|close)$/);
    });

    it("closes in order", async (t) => {
      const socket = await open(t, options);
      const closed = once(socket, "close");

      socket.close();

      assert.equal((await closed)[0], "forced close");
    });
  });
}

describe("Engine.IO over HTTP", () => {
  const refusals = [
    ["GET", "EIO=4&transport=tube", 400, { code: 0, message: "Transport unknown" }],
    ["GET", "EIO=4&transport=polling&sid=nobody", 400, { code: 1, message: "Session ID unknown" }],
    ["POST", "EIO=4&transport=polling", 400, { code: 2, message: "Bad handshake method" }],
    ["GET", "EIO=4&transport=websocket", 400, { code: 3, message: "Bad request" }],
    ["GET", "EIO=3&transport=polling", 400, { code: 5, message: "Unsupported protocol version" }],
  ];

  for (const [method, query, status, body] of refusals) {
    it(`answers ${method} ?${query} with code ${body.code}`, async () => {
      const response = await fetch(`${server.url}/engine.io/?${query}`, { method });

      assert.equal(response.status, status);
      assert.deepEqual(await response.json(), body);
    });
  }
});
