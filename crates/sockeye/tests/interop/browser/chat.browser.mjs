// The chat in headless Chromium: two tabs talk, one leaves. What they look like is kept as pictures.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { chromium } from "playwright-core";

const { CHAT_URL, CHROMIUM = "/usr/bin/chromium", PICTURES = "." } = process.env;

// Without these Chromium looks for its maker's servers, and as root it does not start.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A picture of one pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

let browser, profile;
before(async () => {
  profile = await mkdtemp(join(tmpdir(), "sockeye-browser-"));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    viewport: { width: 1100, height: 720 },
  });
  browser.setDefaultTimeout(10_000);
});
after(async () => {
  await browser?.close();
  await rm(profile, { recursive: true, force: true });
});

/** A tab in which somebody has joined a room. */
async function enter(nickname, room) {
  const tab = await browser.newPage();
  const problems = [];
  tab.on("pageerror", (error) => problems.push(error.message));
  tab.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await tab.goto(CHAT_URL);
  await tab.fill("#nickname", nickname);
  await tab.fill("#room", room);
  await tab.click("#join");
  await tab.locator("#people", { hasText: nickname }).waitFor();
  return { tab, problems };
}

const say = async (tab, text) => {
  await tab.fill("#text", text);
  await tab.click("#send");
};
const shows = (tab, selector, text) => tab.locator(selector, { hasText: text }).first().waitFor();
const keepPicture = (tab, name) => tab.screenshot({ path: join(PICTURES, `${name}.png`) });

describe("the chat in a browser", { timeout: 120_000 }, () => {
  it("shows a door", async () => {
    const tab = await browser.newPage();
    await tab.goto(CHAT_URL);

    await tab.waitForSelector("#join");

    await keepPicture(tab, "door");
    await tab.close();
  });

  it("lets two tabs talk, and tells when one leaves", async () => {
    const ann = await enter("Ann", "lobby");
    await say(ann.tab, "Is anybody here?");

    // Whoever comes later sees what was said before.
    const bob = await enter("Bob", "lobby");
    await shows(bob.tab, "#messages", "Is anybody here?");
    await shows(ann.tab, "#people", "Bob");
    await shows(bob.tab, "#people", "Ann");

    await say(bob.tab, "I am. <b>Bold</b> & ≈ Ω");
    await shows(ann.tab, "#messages", "I am. <b>Bold</b> & ≈ Ω");
    await shows(bob.tab, "#messages", "I am. <b>Bold</b> & ≈ Ω");

    await bob.tab.locator("#text").pressSequentially("let me th");
    await shows(ann.tab, "#typing", "Bob");
    await keepPicture(ann.tab, "typing");

    await ann.tab.setInputFiles("#picture", { name: "pixel.png", mimeType: "image/png", buffer: PIXEL });
    await shownPicture(bob.tab);
    await shownPicture(ann.tab);
    await keepPicture(bob.tab, "talk");

    await bob.tab.close();
    await shows(ann.tab, "#messages", "Bob has left");
    await ann.tab.waitForFunction(() => !document.querySelector("#people").textContent.includes("Bob"));
    await keepPicture(ann.tab, "left");

    assert.deepEqual([...ann.problems, ...bob.problems], []);
    await ann.tab.close();
  });

  it("keeps rooms apart", async () => {
    const [carol, dave] = [await enter("Carol", "red"), await enter("Dave", "blue")];
    await say(carol.tab, "only for red");
    await shows(carol.tab, "#messages", "only for red");

    await say(dave.tab, "only for blue");
    await shows(dave.tab, "#messages", "only for blue");

    assert.ok(!(await dave.tab.textContent("#messages")).includes("only for red"));
    assert.ok(!(await dave.tab.textContent("#people")).includes("Carol"));
    await Promise.all([carol.tab.close(), dave.tab.close()]);
  });

  it("speaks WebSocket in the end", async () => {
    const tab = await browser.newPage();
    const opened = tab.waitForEvent("websocket");

    await tab.goto(CHAT_URL);

    assert.match((await opened).url(), /transport=websocket/);
    await tab.close();
  });
});

/** Waits until a picture was not only sent but decoded. */
function shownPicture(tab) {
  return tab.waitForFunction(() => document.querySelector("#messages img")?.naturalWidth === 1);
}
