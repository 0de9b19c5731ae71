// What does a client cost: ours beside rust_socketio, in turns, against one server?
//
//   cargo build --release --package benches
//   cargo build --release --manifest-path benches/rust-socketio/Cargo.toml     (which needs OpenSSL)
//   node benches/client.mjs
//
// ROUNDS says how often (5), MILLIS how long echoes are counted each time (3000), OURS, THEIRS and SERVER where the programs are.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const setting = (name, otherwise) => process.env[name] ?? otherwise;
const ROUNDS = Number(setting("ROUNDS", 5));
const PORT = setting("PORT", "3055");
const SERVER = setting("SERVER", "target/release/bench-server");
const PROGRAMS = {
  ours: setting("OURS", "target/release/bench-client"),
  theirs: setting("THEIRS", "benches/rust-socketio/target/release/bench-rust-socketio"),
};
const SCENARIOS = [
  { name: "echo with acknowledgement, one in flight", figures: ["cpu", "user"], env: { WINDOW: 1 } },
  // rust_socketio draws the ids of acknowledgements from a thousand, and loses those that meet.
  { name: "echo with acknowledgement, 16 in flight", figures: ["cpu", "user"], env: { WINDOW: 16 }, isAlone: true },
  { name: "echo without, one in flight", figures: ["cpu", "user"], env: { WINDOW: 1, ACKS: 0 } },
  { name: "echo without, 16 in flight", figures: ["cpu", "user"], env: { WINDOW: 16, ACKS: 0 } },
  { name: "a connection at rest", figures: ["memory"], env: { WINDOW: 0, CONNECTIONS: 2000 } },
];
const AIMS = { cpu: 0.6, memory: 0.25 };
const UNITS = { cpu: "ns", user: "ns in user mode", memory: "B" };

// The load on a core of its own, where there are two.
const pinned = (core, program) => ["taskset", ["-c", core, program]];

const server = spawn(...pinned("0", SERVER), { env: { PORT, WORKERS: "1" }, stdio: ["ignore", "pipe", "inherit"] });
await once(server.stdout, "data");
try {
  for (const scenario of SCENARIOS) await compare(scenario);
} finally {
  server.kill();
}

async function compare({ name, figures, env, isAlone }) {
  const runs = { ours: [], theirs: [] };
  for (let round = 0; round < ROUNDS; round++) {
    runs.ours.push(await run(PROGRAMS.ours, env));
    if (!isAlone) runs.theirs.push(await run(PROGRAMS.theirs, env));
  }
  for (const figure of figures) {
    const [ours, theirs] = [runs.ours, runs.theirs].map((of) => of.map((run) => run[figure]));
    if (isAlone) {
      console.log(`${name}: ${median(ours)} ${UNITS[figure]}, ours alone`);
      continue;
    }
    const ratios = ours.map((value, round) => value / theirs[round]);
    const aim = AIMS[figure] ? `, at most ${AIMS[figure]} is the aim` : "";
    console.log(
      `${name}: ${median(ours)} to ${median(theirs)} ${UNITS[figure]}, ratio ` +
        `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})${aim}`,
    );
  }
}

async function run(program, env) {
  const settings = { URL: `http://127.0.0.1:${PORT}`, MILLIS: env.WINDOW ? setting("MILLIS", "3000") : "1" };
  const { stdout } = await promisify(execFile)(...pinned("1", program), { env: { ...settings, ...env } });
  const figures = JSON.parse(stdout);
  if (figures.wrong > 0) throw new Error(`${program}: ${figures.wrong} echoes were wrong or did not come`);
  if (env.WINDOW && figures.echoes === 0) throw new Error(`${program}: no echoes`);
  return figures;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
