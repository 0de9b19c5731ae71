// How much arrives at clients whose network is cut again and again: each event once, and in order?
//
//   cargo build --release --package fixtures && cargo xtask interop   (which installs the client)
//   FIXTURE=target/release/interop-fixture node benches/recovery.mjs   sockeye
//   node benches/recovery.mjs                                          the reference
//   RECOVERY=0 node benches/recovery.mjs                               the same without recovery

import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

import { startProxy } from "../crates/sockeye/tests/interop/lib/proxy.mjs";
import { startServer } from "../crates/sockeye/tests/interop/lib/server.mjs";

const require = createRequire(new URL("../crates/sockeye/tests/interop/package.json", import.meta.url));
const { io } = require("socket.io-client");

const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);
const CLIENTS = setting("CLIENTS", 200);
const DROPS = setting("DROPS", 5);
const DOWN_MS = setting("DOWN_MS", 2000);
const UP_MS = setting("UP_MS", 3000);
const EVERY_MS = setting("EVERY_MS", 100);

const server = await startServer({ env: { RECOVERY: process.env.RECOVERY ?? "1" } });
const proxy = await startProxy(server.port);
const speaker = io(server.url, { transports: ["websocket"] });
const clients = await Promise.all(Array.from({ length: CLIENTS }, listen));

let said = 0;
const speaking = setInterval(() => speaker.emit("shout", String(said++), () => {}), EVERY_MS);
for (let drop = 0; drop < DROPS; drop++) {
  await sleep(UP_MS);
  proxy.cut();
  await sleep(DOWN_MS);
  proxy.mend();
}
await sleep(2 * UP_MS);
clearInterval(speaking);
await sleep(UP_MS);

const expected = said * CLIENTS;
const all = clients.map(({ heard }) => heard);
const distinct = all.reduce((sum, heard) => sum + new Set(heard).size, 0);
const total = all.reduce((sum, heard) => sum + heard.length, 0);
const unordered = all.filter((heard) => heard.some((number, at) => at > 0 && number < heard[at - 1])).length;
const count = (what) => clients.reduce((sum, client) => sum + client[what], 0);
const percent = (part) => `${((100 * part) / expected).toFixed(2)} %`;
console.log(`${said} events to ${CLIENTS} clients, ${DROPS} drops of ${DOWN_MS} ms`);
console.log(`arrived ${percent(distinct)}, came twice ${percent(total - distinct)}, clients out of order ${unordered}`);
console.log(`came back ${count("comebacks")} times, ${count("recoveries")} of them as who they were`);

speaker.disconnect();
for (const { socket } of clients) socket.disconnect();
proxy.stop();
await server.stop();

/** A client behind the network that is cut. It has heard an event before the drops begin, as a client in use has. */
async function listen() {
  const socket = io(proxy.url, { forceNew: true, transports: ["websocket"] });
  const client = { socket, heard: [], comebacks: 0, recoveries: 0 };
  socket.on("said", (number) => client.heard.push(Number(number)));
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.on("connect", () => {
    client.comebacks++;
    if (socket.recovered) client.recoveries++;
  });
  return client;
}
