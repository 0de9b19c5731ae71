// What reaches whom: rooms, exceptions, broadcasts, and answers to broadcasts.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { MODES, connect, once } from "./lib/client.mjs";
import { startServer } from "./lib/server.mjs";

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** Clients, each on another transport, all in a room of their own; and what each was told. */
async function party(t, size, room) {
  const modes = Object.values(MODES);
  const guests = [];
  for (let index = 0; index < size; index++) {
    const socket = await connect(t, server.url, modes[index % modes.length]);
    const heard = [];
    socket.on("said", (text) => heard.push(text));
    await socket.timeout(5000).emitWithAck("join", room);
    guests.push({ socket, heard, tell: (...args) => socket.timeout(5000).emitWithAck(...args) });
  }
  return guests;
}

/** Once every client has been answered, all that was sent to it before has come. */
const settled = (guests) => Promise.all(guests.map(({ tell }) => tell("mirror", 0)));

describe("rooms", { timeout: 60_000 }, () => {
  it("carries what one says to the others in the room", async (t) => {
    const guests = await party(t, 6, "hall");
    const [stranger] = await party(t, 1, "yard");

    await guests[0].tell("say", "hall", "hello");
    await settled([...guests, stranger]);

    assert.deepEqual(guests.map(({ heard }) => heard.length), [0, 1, 1, 1, 1, 1]);
    assert.deepEqual(stranger.heard, []);
  });

  it("leaves out those in another room", async (t) => {
    const guests = await party(t, 4, "hall");
    await guests[2].tell("join", "asleep");

    await guests[0].tell("say-except", "hall", "asleep", "hush");
    await settled(guests);

    assert.deepEqual(guests.map(({ heard }) => heard.length), [0, 1, 0, 1]);
  });

  it("says nothing to those who have left the room", async (t) => {
    const guests = await party(t, 3, "hall");
    await guests[1].tell("leave", "hall");

    await guests[0].tell("say", "hall", "anybody?");
    await settled(guests);

    assert.deepEqual(guests.map(({ heard }) => heard.length), [0, 0, 1]);
  });

  it("reaches everybody else with a broadcast", async (t) => {
    const guests = await party(t, 6, "hall");

    await guests[3].tell("shout", "fire");
    await settled(guests);

    assert.deepEqual(guests.map(({ heard }) => heard), [["fire"], ["fire"], ["fire"], [], ["fire"], ["fire"]]);
  });

  it("reaches a single client by its id", async (t) => {
    const guests = await party(t, 3, "hall");

    await guests[0].tell("say", guests[2].socket.id, "psst");
    await settled(guests);

    assert.deepEqual(guests.map(({ heard }) => heard), [[], [], ["psst"]]);
  });

  it("finds those in a room, with their data and what they said when they came", async (t) => {
    const guests = await party(t, 3, "cellar");
    await guests[1].tell("join", "attic");
    for (const [index, { tell }] of guests.entries()) await tell("publish", { index, tags: ["a"] });

    const sockets = await guests[0].tell("present", "cellar");

    const byId = new Map(sockets.map((socket) => [socket.id, socket]));
    assert.equal(byId.size, 3);
    for (const [index, { socket }] of guests.entries()) {
      const { data, rooms, revision, isLocal } = byId.get(socket.id);
      assert.deepEqual(data, { index, tags: ["a"] });
      assert.deepEqual(rooms.sort(), [socket.id, "cellar", ...(index === 1 ? ["attic"] : [])].sort());
      assert.deepEqual([revision, isLocal], ["4", true]);
    }
  });

  it("keeps the order of what several say at once, for each of them", async (t) => {
    const guests = await party(t, 6, "hall");

    for (let number = 0; number < 500; number++) {
      for (const [from, { socket }] of guests.entries()) socket.emit("say", "hall", [from, number], () => {});
    }
    await settled(guests);
    await settled(guests);

    for (const [listener, { heard }] of guests.entries()) {
      for (const from of guests.keys()) {
        const numbers = heard.filter(([speaker]) => speaker === from).map(([, number]) => number);
        const expected = from === listener ? [] : Array.from({ length: 500 }, (_, index) => index);
        assert.deepEqual(numbers, expected, `what ${listener} heard from ${from}`);
      }
    }
  });

  it("collects the answers of a broadcast", async (t) => {
    const guests = await party(t, 4, "hall");
    for (const [index, { socket }] of guests.entries()) {
      socket.on("question", (question, ack) => ack(`${question} ${index}`));
    }

    const result = await guests[0].tell("poll-room", "hall", "who?", 3000);

    assert.deepEqual(result, { answers: ["who? 1", "who? 2", "who? 3"], isComplete: true });
  });

  it("tells which answers came when some did not", async (t) => {
    const guests = await party(t, 4, "hall");
    for (const [index, { socket }] of guests.slice(0, 3).entries()) {
      socket.on("question", (_, ack) => ack(`${index}`));
    }

    const result = await guests[0].tell("poll-room", "hall", "who?", 300);

    assert.deepEqual(result, { answers: ["1", "2"], isComplete: false });
  });

  it("broadcasts to nobody without harm", async (t) => {
    const [alone] = await party(t, 1, "hall");

    assert.deepEqual(await alone.tell("poll-room", "hall", "who?", 300), { answers: [], isComplete: true });
    await alone.tell("say", "hall", "echo?");
    const echo = once(alone.socket, "echo");
    alone.socket.emit("echo", "echo!");
    assert.deepEqual(await echo, ["echo!"]);
  });
});
