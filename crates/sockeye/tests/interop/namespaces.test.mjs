// Who is let into which namespace, and what the server knows about who comes.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { MODES, connect, connected, multiplex, once, open } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

for (const [mode, options] of Object.entries(MODES)) {
  describe(`namespaces, ${mode}`, { timeout: 60_000 }, () => {
    it("lets a member in", async (t) => {
      const auth = { name: "Ann", token: "sesame" };
      const socket = await connect(t, `${server.url}/members`, { ...options, auth });

      assert.equal(await socket.timeout(5000).emitWithAck("who"), "Ann");
    });

    it("turns others away, and says why with data", async (t) => {
      for (const auth of [undefined, {}, { name: "Eve", token: "guess" }]) {
        const socket = open(t, `${server.url}/members`, { ...options, auth });

        const [error] = await once(socket, "connect_error");

        assert.equal(error.message, "not a member");
        assert.deepEqual(error.data, { code: 401, hints: ["ask for a token"] });
        assert.equal(socket.connected, false);
      }
    });

    it("lets in on a second try whoever was turned away", async (t) => {
      const socket = open(t, `${server.url}/members`, { ...options, auth: {} });
      await once(socket, "connect_error");

      socket.auth = (give) => give({ name: "Bob", token: "sesame" });
      socket.connect();
      await connected(socket);

      assert.equal(await socket.timeout(5000).emitWithAck("who"), "Bob");
    });

    it("refuses namespaces that nobody serves", async (t) => {
      const socket = open(t, `${server.url}/nowhere`, options);

      const [error] = await once(socket, "connect_error");

      assert.equal(error.message, "Invalid namespace");
    });

    it("serves several namespaces on one connection, under an id for each", async (t) => {
      const auth = { name: "Ann", token: "sesame" };
      const sockets = multiplex(t, server.url, ["/", "/members", "/slow"], { ...options, auth });
      for (const socket of sockets) socket.auth = auth;
      await Promise.all(sockets.map(connected));
      const [root, members, slow] = sockets;

      const answers = await Promise.all([
        root.timeout(5000).emitWithAck("mirror", "root"),
        members.timeout(5000).emitWithAck("who"),
        slow.timeout(5000).emitWithAck("is-ready"),
      ]);

      assert.deepEqual(answers, ["root", "Ann", true]);
      assert.equal(new Set([...sockets.map(({ id }) => id), root.io.engine.id]).size, 4);
      assert.ok(sockets.every(({ io }) => io === root.io));
    });

    it("keeps the connection for the others when one namespace is left", async (t) => {
      const [root, slow] = multiplex(t, server.url, ["/", "/slow"], options);
      await Promise.all([root, slow].map(connected));

      slow.disconnect();

      assert.equal(await root.timeout(5000).emitWithAck("mirror", "still here"), "still here");
      slow.connect();
      await connected(slow);
      assert.equal(await slow.timeout(5000).emitWithAck("is-ready"), true);
    });

    it("delivers no event before the handler of the connection has ended", async (t) => {
      const socket = open(t, `${server.url}/slow`, options);
      const answer = socket.timeout(5000).emitWithAck("is-ready");

      assert.equal(await answer, true);
    });

    it("tells a client its id at once", async (t) => {
      const socket = open(t, server.url, options);

      const [id] = await once(socket, "welcome");

      assert.equal(id, socket.id);
    });

    it("knows what was said in the handshake", async (t) => {
      const socket = await connect(t, server.url, {
        ...options,
        auth: { token: "123", nested: { list: [1, 2] } },
        query: { colour: "red & blue" },
        extraHeaders: { "X-Fixture": "yes" },
      });

      assert.deepEqual(await socket.timeout(5000).emitWithAck("handshake"), {
        auth: { token: "123", nested: { list: [1, 2] } },
        header: "yes",
        query: "red & blue",
        revision: "4",
        path: "/socket.io/",
        isLocal: true,
      });
    });
  });
}
