// Opens clients for tests, and closes them when the test has ended.

import { io, Manager } from "socket.io-client";

/** The ways in which a client can reach the server. */
export const MODES = {
  "polling only": { transports: ["polling"] },
  "WebSocket only": { transports: ["websocket"] },
  "polling, then upgraded": { transports: ["polling", "websocket"] },
};

/** A client that need not be connected yet. */
export function open(t, url, options = {}) {
  const socket = io(url, { forceNew: true, reconnection: false, ...options });
  t.after(() => socket.disconnect());
  return socket;
}

/** A client that is connected, and in mode "polling, then upgraded" has changed to WebSocket. */
export async function connect(t, url, options = {}) {
  const socket = open(t, url, options);
  await connected(socket);
  if (options.transports?.length === 2) await upgraded(socket);
  return socket;
}

/** Waits until a client is let in. */
export function connected(socket) {
  if (socket.connected) return;
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
}

/** Waits until a client has changed to WebSocket. */
export function upgraded(socket) {
  const { engine } = socket.io;
  if (engine.transport.name === "websocket" && !engine.upgrading) return;
  return new Promise((resolve) => engine.once("upgrade", resolve));
}

/** The arguments of the next event of a name. */
export function once(emitter, name) {
  return new Promise((resolve) => emitter.once(name, (...args) => resolve(args)));
}

/** The first arguments of the next events of a name. */
export function collect(emitter, name, count) {
  const seen = [];
  return new Promise((resolve) => {
    const listener = (arg) => {
      seen.push(arg);
      if (seen.length < count) return;
      emitter.off(name, listener);
      resolve(seen);
    };
    emitter.on(name, listener);
  });
}

/** Several namespaces on one connection. */
export function multiplex(t, url, names, options = {}) {
  const manager = new Manager(url, { reconnection: false, ...options });
  const sockets = names.map((name) => manager.socket(name));
  t.after(() => sockets.forEach((socket) => socket.disconnect()));
  return sockets;
}

/** A condition that must come true within a time; how long that takes is of no interest. */
export async function until(condition, milliseconds = 5000) {
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`did not come true within ${milliseconds} ms: ${condition}`);
}
