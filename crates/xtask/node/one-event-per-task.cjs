// Loaded before an official suite (node --require), which stays as it is.
//
// The suites wait for one event, and only then begin to wait for the next. Two messages that arrive in one task of
// Node's event loop are therefore one too many for them, whatever the server. With this, a WebSocket hands over one
// event in a task. The fixture listens on any free port, and connections to the suites' port are led there.

"use strict";

const { EventEmitter } = require("node:events");
const { createRequire } = require("node:module");
const net = require("node:net");
const path = require("node:path");

const SUITE_PORT = 3000;
const HELD = new Set(["open", "message", "error", "close"]);

const { WebSocket } = createRequire(path.join(process.cwd(), "test-suite.js"))("ws");
const queues = new WeakMap();

WebSocket.prototype.emit = function (name, ...args) {
  if (!HELD.has(name)) return EventEmitter.prototype.emit.call(this, name, ...args);
  const queue = queues.get(this) ?? [];
  queues.set(this, queue);
  queue.push([name, ...args]);
  if (queue.length === 1) setImmediate(handOver, this, queue);
  return true;
};

function handOver(socket, queue) {
  const event = queue[0];
  try {
    EventEmitter.prototype.emit.call(socket, ...event);
  } finally {
    queue.shift();
    if (queue.length > 0) setImmediate(handOver, socket, queue);
  }
}

const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (options.port == SUITE_PORT) {
    options.port = Number(process.env.FIXTURE_PORT);
    options.host = "127.0.0.1";
  }
  return connect.apply(this, args);
};
