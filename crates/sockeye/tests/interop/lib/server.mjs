// Starts the server under test, and stops what it has started.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const REFERENCE = fileURLToPath(new URL("../reference.mjs", import.meta.url));

/**
 * A server of its own for a test: the program that `FIXTURE` names, or the reference.
 * @param {{ port?: number, env?: Record<string, string> }} [options]
 */
export async function startServer({ port = 0, env = {} } = {}) {
  const fixture = process.env.FIXTURE;
  const [program, args] = fixture ? [fixture, []] : [process.execPath, [REFERENCE]];
  const child = spawn(program, args, {
    // A calm heartbeat, so that a busy machine is no reason to lose a connection.
    env: { ...process.env, PING_INTERVAL_MS: "5000", PING_TIMEOUT_MS: "5000", ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", process.env.VERBOSE ? "inherit" : "ignore"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  process.once("exit", () => child.kill("SIGKILL"));
  const stop = async (signal = "SIGKILL") => {
    child.kill(signal);
    await ended;
  };
  const url = await readyLine(child, ended);
  return { url, port: Number(new URL(url).port), pid: child.pid, stop };
}

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
