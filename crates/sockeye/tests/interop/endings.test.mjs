// How connections end, what both sides are told about it, and how clients come back.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { MODES, connect, connected, once, until } from "./lib/client.mjs";
import { isReference, startServer } from "./lib/server.mjs";

let server, watcher;
before(async () => {
  server = await startServer();
  watcher = await connect({ after() {} }, server.url, MODES["WebSocket only"]);
});
after(async () => {
  watcher.disconnect();
  await server.stop();
});

let keys = 0;

/** A client, and what the server will say of its end. */
async function mortal(t, options) {
  const key = `client ${keys++}`;
  const socket = await connect(t, server.url, { ...options, auth: { key } });
  const reason = () => until(() => watcher.timeout(5000).emitWithAck("reason-of", key));
  const details = () => watcher.timeout(5000).emitWithAck("details-of", key);
  return { socket, reason, details, ended: once(socket, "disconnect").then(([reason]) => reason) };
}

for (const [mode, options] of Object.entries(MODES)) {
  describe(`endings, ${mode}`, { timeout: 60_000 }, () => {
    it("hears that a client has left", async (t) => {
      const { socket, reason, ended } = await mortal(t, options);

      socket.disconnect();

      assert.equal(await ended, "io client disconnect");
      assert.equal(await reason(), "client namespace disconnect");
    });

    it("takes a client out of a namespace, and leaves it in the others", async (t) => {
      const { socket, reason, ended } = await mortal(t, options);
      const slow = socket.io.socket("/slow");
      t.after(() => slow.disconnect());
      await connected(slow);

      socket.emit("kick", false);

      assert.equal(await ended, "io server disconnect");
      assert.equal(await reason(), "server namespace disconnect");
      assert.equal(await slow.timeout(5000).emitWithAck("is-ready"), true);
      socket.connect();
      await connected(socket);
    });

    it("ends a client's whole connection", async (t) => {
      const { socket, reason, ended } = await mortal(t, options);
      const { engine } = socket.io;
      const closed = once(engine, "close");

      socket.emit("kick", true);

      assert.equal(await ended, "io server disconnect");
      assert.equal(await reason(), "server namespace disconnect");
      await closed;
    });

    it("tells a client why in an event before it is disconnected", async (t) => {
      for (const whole of [false, true]) {
        const { socket, reason, details, ended } = await mortal(t, options);
        const told = [];
        socket.on("banned", (why) => told.push(why));
        socket.on("disconnect", (reason) => told.push(reason));

        socket.emit("ban", whole, "spam");

        await ended;
        assert.deepEqual(told, ["spam", "io server disconnect"]);
        assert.equal(await reason(), "server namespace disconnect");
        // The reference has no way to say so.
        assert.equal(await details(), isReference ? null : "spam");
      }
    });

    it("hears that a connection was closed", async (t) => {
      const { socket, reason, ended } = await mortal(t, options);

      socket.io.engine.close();

      assert.equal(await ended, "forced close");
      assert.equal(await reason(), "transport close");
    });

    it("ends the connection of a client that sends what is no packet", async (t) => {
      const { socket, reason, ended } = await mortal(t, options);

      socket.io.engine.write("9 is no type of packet");

      assert.equal(await ended, "transport close");
      assert.equal(await reason(), "forced close");
    });

    it("answers a handler's failure, and goes on", async (t) => {
      const { socket } = await mortal(t, options);

      const answer = await socket.timeout(5000).emitWithAck("fail");
      socket.emit("panic");

      assert.deepEqual(answer, { message: "this always fails" });
      assert.equal(await socket.timeout(5000).emitWithAck("mirror", "alive"), "alive");
    });

    it("comes back after the server was killed and started again", async (t) => {
      await comesBack(t, options, "SIGKILL");
    });

    it("comes back after the server has closed and started again", async (t) => {
      await comesBack(t, options, "SIGTERM");
    });
  });
}

describe("limits", { timeout: 60_000 }, () => {
  it("knows that a client was lost because it sent too much at once", async (t) => {
    const { socket, reason, details } = await mortal(t, MODES["WebSocket only"]);

    socket.emit("echo", "x".repeat(1_000_001));

    assert.equal(await reason(), "transport error");
    assert.match(await details(), /Max payload size exceeded$/);
  });
});

describe("heartbeat", { timeout: 60_000 }, () => {
  it("notices a client that has fallen silent", async (t) => {
    const quick = await startServer({ env: { PING_INTERVAL_MS: "200", PING_TIMEOUT_MS: "200" } });
    t.after(() => quick.stop());
    const silent = await connect(t, quick.url, { ...MODES["WebSocket only"], auth: { key: "silent" } });
    const other = await connect(t, quick.url, MODES["WebSocket only"]);

    silent.io.engine.transport.send = () => {};

    assert.equal(await until(() => other.timeout(5000).emitWithAck("reason-of", "silent")), "ping timeout");
  });

  it("keeps a client that has nothing to say", async (t) => {
    const quick = await startServer({ env: { PING_INTERVAL_MS: "100", PING_TIMEOUT_MS: "500" } });
    t.after(() => quick.stop());
    const clients = await Promise.all(Object.values(MODES).map((options) => connect(t, quick.url, options)));
    let pings = 0;
    for (const { io } of clients) io.on("ping", () => pings++);

    await until(() => pings >= 15);

    assert.ok(clients.every(({ connected }) => connected));
  });
});

/** A client whose server goes and comes again, with something to say meanwhile. */
async function comesBack(t, options, signal) {
  const first = await startServer();
  t.after(() => first.stop());
  // A client that loses its server in the midst of a change of transport notices it by the heartbeat only.
  const patience = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 50 };
  const socket = await connect(t, first.url, { ...options, ...patience });
  const before = socket.id;
  const ended = once(socket, "disconnect");

  await first.stop(signal);
  const [reason] = await ended;
  const answer = new Promise((resolve) => socket.emit("mirror", "said meanwhile", resolve));
  const second = await startServer({ port: first.port });
  t.after(() => second.stop());

  assert.ok(/^(transport close|transport error)$/.test(reason) || (isReference && signal === "SIGTERM"), reason);
  assert.equal(await answer, "said meanwhile");
  assert.notEqual(socket.id, before);
  assert.ok(!socket.recovered);
}
