// Answers to polls as they are on the wire, which the npm client does not show.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gunzipSync, inflateSync } from "node:zlib";

import { startServer } from "./lib/server.mjs";
import { ask } from "./lib/wire.mjs";

const READERS = { gzip: gunzipSync, deflate: inflateSync, none: (body) => body };

/** Polls a session of its own in which this text has been echoed, and reads the answer as its headers say. */
async function pollEcho(url, text, codings) {
  const handshake = `${url}/engine.io/?EIO=4&transport=polling`;
  const { body: open } = await ask(handshake);
  const session = `${handshake}&sid=${JSON.parse(open.toString().slice(1)).sid}`;
  await ask(session, { method: "POST", body: `4${text}` });
  const { headers, body } = await ask(session, { headers: codings && { "accept-encoding": codings } });
  const coding = headers["content-encoding"] ?? "none";
  return { coding, text: READERS[coding](body).toString(), headers };
}

describe("Compression of polls", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer({ app: "engine" })));
  after(() => server.stop());

  const large = "sockeye 🐟 ".repeat(500);
  for (const [codings, used] of [
    ["gzip, deflate, br", "gzip"],
    ["deflate, gzip;q=0.5", "deflate"],
    ["br, *;q=0.1", "gzip"],
    ["br, identity", "none"],
    [undefined, "none"],
  ]) {
    it(`answers by ${used} whoever accepts ${codings ?? "nothing"}`, async () => {
      const { coding, text, headers } = await pollEcho(server.url, large, codings);

      assert.equal(coding, used);
      assert.equal(text, `4${large}`);
      assert.equal(headers["content-type"], "text/plain; charset=UTF-8");
      assert.equal(headers.vary, undefined);
    });
  }

  for (const [length, used] of [[1022, "none"], [1023, "gzip"]]) {
    it(`answers by ${used} with a text of ${length} characters`, async () => {
      const { coding, text } = await pollEcho(server.url, "a".repeat(length), "gzip");

      assert.equal(coding, used);
      assert.equal(text.length, length + 1);
    });
  }
});
