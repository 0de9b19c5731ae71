// Connection state recovery: the client loses its network, comes back by itself, and has missed nothing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { MODES, connect, connected, once, open, until, upgraded } from "./lib/client.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { isReference, startServer } from "./lib/server.mjs";

/** Comes back by itself, soon. */
const PATIENT = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 50, randomizationFactor: 0 };

let server;
let proxy;
before(async () => {
  server = await startServer({ env: { RECOVERY: "1" } });
  proxy = await startProxy(server.port);
});
after(() => (proxy.stop(), server.stop()));

for (const [mode, transports] of Object.entries(MODES)) {
  describe(`recovery, ${mode}`, { timeout: 60_000 }, () => {
    /** A client behind the network that may be cut, in a room, and what it hears there; and somebody who speaks to it. */
    async function setUp(t, room) {
      const speaker = await connect(t, server.url, MODES["WebSocket only"]);
      const listener = open(t, proxy.url, { ...transports, ...PATIENT });
      await connected(listener);
      await listener.emitWithAck("join", room);
      const heard = [];
      listener.on("said", (text) => heard.push(text));
      const say = (text) => speaker.timeout(5000).emitWithAck("say", room, text);
      return { listener, heard, say };
    }

    it("gives back id, rooms and what was missed", async (t) => {
      const { listener, heard, say } = await setUp(t, `${mode} 1`);
      const { id } = listener;
      assert.equal(listener.recovered, false);
      await say("before");
      await until(() => heard.length === 1);

      proxy.cut();
      await once(listener, "disconnect");
      for (const text of ["one", "two", "three"]) await say(text);
      proxy.mend();
      await once(listener, "connect");
      await say("after");

      assert.equal(listener.recovered, true);
      assert.equal(listener.id, id);
      assert.equal(await listener.timeout(5000).emitWithAck("is-recovered"), true);
      await until(() => heard.length >= 5);
      assert.deepEqual(heard, ["before", "one", "two", "three", "after"]);
    });

    it("lets a client come back whose end the server does not know of", { skip: isReference && "it cannot" }, async (t) => {
      const { listener, heard, say } = await setUp(t, `${mode} 2`);
      await say("before");
      await until(() => heard.length === 1);

      proxy.vanish();
      await once(listener, "disconnect");
      await say("meanwhile");
      proxy.mend();
      await once(listener, "connect");
      await say("after");

      assert.equal(listener.recovered, true);
      await until(() => heard.length >= 3);
      assert.deepEqual(heard, ["before", "meanwhile", "after"]);
    });

    // The reference finds out too late that a client that polls has gone.
    const skip = isReference && mode === "polling only";
    it("lets nothing get lost or come twice, though the network is cut again and again", { skip }, async (t) => {
      const { listener, heard, say } = await setUp(t, `${mode} 3`);
      let said = 0;
      const speaking = setInterval(() => say(said++), 5);
      t.after(() => clearInterval(speaking));

      await until(() => heard.length > 0);
      for (let drop = 0; drop < 5; drop++) {
        // What the client makes of a cut amid an upgrade is its own affair.
        if (transports.transports.length === 2) await upgraded(listener);
        proxy.cut();
        await once(listener, "disconnect");
        await new Promise((resolve) => setTimeout(resolve, 100));
        proxy.mend();
        await once(listener, "connect");
        assert.equal(listener.recovered, true, `drop ${drop}`);
      }
      clearInterval(speaking);
      await say("end");

      await until(() => heard.includes("end"));
      assert.deepEqual(heard, [...Array(said).keys(), "end"]);
    });

    it("makes somebody new of a client that was meant to go", async (t) => {
      const { listener } = await setUp(t, `${mode} 4`);
      const { id } = listener;

      listener.disconnect().connect();
      await connected(listener);

      assert.equal(listener.recovered, false);
      assert.notEqual(listener.id, id);
    });
  });
}
