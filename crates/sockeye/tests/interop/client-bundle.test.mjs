// The client's scripts as the server gives them to browsers.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync, inflateSync } from "node:zlib";

import { isReference, startServer } from "./lib/server.mjs";
import { ask } from "./lib/wire.mjs";

const DIST = fileURLToPath(new URL("./node_modules/socket.io-client/dist/", import.meta.url));
const SCRIPTS = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

describe("The client's bundle", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer({ env: { CLIENT_BUNDLE: DIST } })));
  after(() => server.stop());
  const url = (name) => `${server.url}/socket.io/${name}`;

  for (const name of SCRIPTS.flatMap((name) => [name, `${name}.map`])) {
    it(`has ${name}`, async () => {
      const { status, headers, body } = await ask(url(`${name}?v=1`));

      const type = name.endsWith(".map") ? "json" : "javascript";
      assert.equal(status, 200);
      assert.deepEqual(body, await readFile(DIST + name));
      assert.equal(headers["content-type"], `application/${type}; charset=utf-8`);
      assert.equal(headers["cache-control"], "public, max-age=0");
      assert.equal(headers["access-control-allow-origin"], "*");
      assert.match(headers.etag, isReference ? /^"[\d.]+"$/ : /^W\/"[\da-f]{40}"$/);
      assert.equal(headers.vary, isReference ? undefined : "Accept-Encoding");
    });
  }

  it("has nothing else", async () => {
    for (const name of ["package.json", "socket.io.esm.js", "x/socket.io.js", "socket.io.js.map.map"]) {
      const { status, body } = await ask(url(name));

      assert.equal(status, 400);
      assert.equal(body.toString(), '{"code":0,"message":"Transport unknown"}');
    }
  });

  for (const [codings, used, read] of [
    ["gzip, deflate", "gzip", gunzipSync],
    ["gzip;q=0.5, deflate", "deflate", inflateSync],
  ]) {
    it(`comes as ${used} to whoever accepts ${codings}`, async () => {
      const { headers, body } = await ask(url("socket.io.js"), { headers: { "accept-encoding": codings } });

      assert.equal(headers["content-encoding"], used);
      assert.deepEqual(read(body), await readFile(`${DIST}socket.io.js`));
    });
  }

  it("is not sent again to whoever has it", async () => {
    const { etag } = (await ask(url("socket.io.js"))).headers;
    for (const tag of [etag.replace("W/", ""), `W/${etag.replace("W/", "")}`]) {
      const { status, headers, body } = await ask(url("socket.io.js"), { headers: { "if-none-match": tag } });

      assert.equal(status, 304);
      assert.equal(body.length, 0);
      assert.equal(headers["access-control-allow-origin"], "*");
    }
    const other = await ask(url("socket.io.js"), { headers: { "if-none-match": '"other"' } });
    assert.equal(other.status, 200);
  });

  it("comes by any method, and by HEAD without its body", async () => {
    const { length } = await readFile(`${DIST}socket.io.js`);
    for (const [method, expected] of [["POST", length], ["DELETE", length], ["HEAD", 0]]) {
      const { status, headers, body } = await ask(url("socket.io.js"), { method });

      assert.deepEqual([status, body.length], [200, expected]);
      assert.equal(headers["content-type"], "application/javascript; charset=utf-8");
    }
  });

  it("may be asked for by pages of other origins", async () => {
    const headers = { origin: "http://page", "access-control-request-method": "GET" };
    const preflight = await ask(url("socket.io.js"), { method: "OPTIONS", headers });

    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers["access-control-allow-origin"], "*");
    assert.equal(preflight.headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
  });
});
