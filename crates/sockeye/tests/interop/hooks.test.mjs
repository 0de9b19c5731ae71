// What the application says about requests, as the npm `engine.io-client` sees it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Socket } from "engine.io-client";

import { MODES, once } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";

let server;
before(async () => (server = await startServer({ app: "engine", env: { HOOKS: "1" } })));
after(() => server.stop());

function open(t, options) {
  const socket = new Socket(server.url.replace("http", "ws"), options);
  t.after(() => socket.close());
  return socket;
}

for (const [index, [mode, options]] of Object.entries(MODES).entries()) {
  describe(`Engine.IO with hooks, ${mode}`, { timeout: 60_000 }, () => {
    it("opens a session under the id that the application has made", async (t) => {
      const name = `session-${index}`;
      const socket = open(t, { ...options, query: { name } });
      await once(socket, options.transports.length === 2 ? "upgrade" : "open");

      socket.send("fish");

      assert.deepEqual(await once(socket, "message"), ["fish"]);
      assert.equal(socket.id, name);
    });

    it("opens none if the application refuses", async (t) => {
      const socket = open(t, { ...options, query: { name: "nobody", refuse: "not today" } });

      const [error] = await once(socket, "error");

      assert.equal(error.type, "TransportError");
      if (options.transports[0] === "polling") assert.equal(error.description, 403);
    });
  });
}

describe("Engine.IO with hooks over HTTP", () => {
  it("says why a session was refused", async () => {
    const response = await fetch(`${server.url}/engine.io/?EIO=4&transport=polling&refuse=not%20today`);

    assert.equal(response.status, 403);
    assert.deepEqual(await response.json(), { code: 4, message: "not today" });
  });

  it("marks the first answer and each that follows", async () => {
    const url = `${server.url}/engine.io/?EIO=4&transport=polling`;
    const first = await fetch(`${url}&name=marked`);
    const later = await fetch(`${url}&sid=marked`, { method: "POST", body: "4a" });

    const marks = [first, later].map(({ headers }) => [headers.get("x-first"), headers.get("x-each")]);
    assert.deepEqual(marks, [["yes", "yes"], [null, "yes"]]);
  });
});
