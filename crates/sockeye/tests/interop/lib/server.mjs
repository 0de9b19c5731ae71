// Starts the server under test, and stops what it has started.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Programs are named by the environment; where they are not, the reference is tested. */
const PROGRAMS = {
  socket: { fixture: process.env.FIXTURE, reference: "../reference.mjs" },
  engine: { fixture: process.env.ENGINE_FIXTURE, reference: "../engine-reference.mjs" },
};

/**
 * A server of its own for a test.
 * @param {{ app?: keyof PROGRAMS, port?: number, env?: Record<string, string> }} [options]
 */
export async function startServer({ app = "socket", port = 0, env = {} } = {}) {
  const { fixture, reference } = PROGRAMS[app];
  const script = fileURLToPath(new URL(reference, import.meta.url));
  const [program, args] = fixture ? [fixture, []] : [process.execPath, [script]];
  const child = spawn(program, args, {
    // A calm heartbeat, so that a busy machine is no reason to lose a connection.
    env: { ...process.env, PING_INTERVAL_MS: "5000", PING_TIMEOUT_MS: "5000", ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", process.env.VERBOSE ? "inherit" : "ignore"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  running.add(child);
  child.once("close", () => running.delete(child));
  const stop = async (signal = "SIGKILL") => {
    child.kill(signal);
    await ended;
  };
  const url = await readyLine(child, ended);
  return { url, port: Number(new URL(url).port), stop };
}

const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

async function readyLine(child, ended) {
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise((resolve) => {
    lines.on("line", (line) => {
      const found = line.match(/ready.*(http:\S+)/);
      if (found) resolve(found[1]);
    });
  });
  const failed = ended.then((code) => {
    throw new Error(`the server ended before it was ready, with ${code}`);
  });
  return Promise.race([ready, failed]);
}

/** Whether the server under test is the reference, which does a few things in its own way. */
export const isReference = !process.env.FIXTURE;
