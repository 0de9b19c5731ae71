// Nothing is lost and nothing overtakes: right after CONNECT, and while the transport changes.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { MODES, connected, open } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";

const CLIENTS = Number(process.env.CLIENTS ?? 6000);
const BATCH = 200;

let server;
before(async () => (server = await startServer({ env: { PING_INTERVAL_MS: "25000", PING_TIMEOUT_MS: "20000" } })));
after(() => server.stop());

describe("order", { timeout: 300_000 }, () => {
  it(`answers an event sent right after CONNECT to each of ${CLIENTS} clients`, async (t) => {
    const modes = [MODES["WebSocket only"], MODES["WebSocket only"], MODES["polling only"]];
    let lost = 0;
    for (let first = 0; first < CLIENTS; first += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, CLIENTS - first) }, async (_, index) => {
        const socket = open(t, `${server.url}/slow`, modes[index % modes.length]);
        const answer = new Promise((resolve, reject) => {
          socket.once("connect_error", reject);
          socket.once("connect", () => socket.timeout(20_000).emitWithAck("is-ready").then(resolve, reject));
        });
        const isReady = await answer.catch((error) => error);
        if (isReady !== true) lost++;
        socket.disconnect();
      });
      await Promise.all(batch);
    }

    assert.equal(lost, 0);
  });

  for (const round of [1, 2, 3, 4, 5]) {
    it(`keeps events in order while the transport changes, round ${round}`, async (t) => {
      const socket = open(t, server.url, MODES["polling, then upgraded"]);
      const echoes = [];
      socket.on("echo", (number, bytes) => echoes.push([number, bytes.length]));
      await connected(socket);

      const sent = [];
      const send = () => {
        const bytes = Buffer.alloc(sent.length % 7);
        sent.push([sent.length, bytes.length]);
        socket.emit("echo", sent.length - 1, bytes);
      };
      // Some before the change, some while it goes on, some after it.
      while (socket.io.engine.transport.name === "polling" || sent.length < 300) {
        send();
        await new Promise((resolve) => (sent.length % 10 ? setImmediate(resolve) : setTimeout(resolve, 1)));
      }
      for (let more = 0; more < 100; more++) send();
      await socket.timeout(5000).emitWithAck("mirror");

      assert.equal(socket.io.engine.transport.name, "websocket");
      assert.deepEqual(echoes, sent);
    });
  }
});
