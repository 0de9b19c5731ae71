// Requests whose answers are given as they came: `fetch` would undo their coding.

import { request } from "node:http";

/** @param {{ method?: string, headers?: Record<string, string>, body?: string }} [options] */
export function ask(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, async (answer) => {
      const chunks = await answer.toArray();
      resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) });
    });
    asked.once("error", reject);
    asked.end(body);
  });
}
