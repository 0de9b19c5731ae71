// A network between clients and a server, which can be cut.

import { connect, createServer } from "node:net";
import { once } from "node:events";

/**
 * Passes connections on to a port.
 * @param {number} port
 */
export async function startProxy(port) {
  const pairs = new Set();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.resetAndDestroy();
    const far = connect(port, "127.0.0.1");
    const pair = { near, far };
    pairs.add(pair);
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on("error", () => {});
    near.once("close", () => (pair.isDead || far.destroy(), pairs.delete(pair)));
    far.once("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Ends all connections, and lets nobody connect. */
    cut() {
      isCut = true;
      for (const { near, far } of pairs) (near.resetAndDestroy(), far.resetAndDestroy());
    },
    /** Ends all connections, and the server does not get to know. */
    vanish() {
      isCut = true;
      for (const pair of pairs) {
        pair.isDead = true;
        pair.near.unpipe(pair.far);
        pair.near.resetAndDestroy();
      }
    },
    /** Lets clients connect again. */
    mend() {
      isCut = false;
    },
    stop() {
      for (const { near, far } of pairs) (near.destroy(), far.destroy());
      server.close();
    },
  };
}
