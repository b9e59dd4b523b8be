// What a person does and sees, in terms of the page; and waits that are always on a condition and always bounded.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

export const WAIT_MS = Number(process.env.BEELINE_WAIT_MS ?? 30_000);

export function newRoom() {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return [...randomBytes(26)].map((byte) => alphabet[byte % 32]).join('');
}

/** Asks again and again until `condition` returns something truthy; fails with what it saw last. */
export async function until(what, condition, ms = WAIT_MS) {
  const end = Date.now() + ms;
  let seen;
  for (;;) {
    seen = await condition().catch((error) => ({ error: String(error) }));
    if (seen && !seen.error && !('met' in Object(seen) && !seen.met)) return seen;
    if (Date.now() > end) assert.fail(`${what}: not within ${ms} ms; last seen ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Opens the lobby of `room` with settings that would otherwise be clicked together. */
export async function openLobby(browser, server, room, { preferences = {}, before, ...options } = {}) {
  const page = await browser.page('about:blank', options);
  await before?.(page);
  await page.addInitScript((stored) => {
    try {
      if (!localStorage.getItem('beeline.preferences')) localStorage.setItem('beeline.preferences', stored);
    } catch {
      // In Firefox this also runs in the empty document before the page, which has no storage.
    }
  }, JSON.stringify(preferences));
  await page.goto(`${server.http}/#${room}`);
  await page.waitForSelector('[data-action=join]', { timeout: WAIT_MS });
  return page;
}

export async function devicesSettled(page) {
  await until('camera and microphone settle', () =>
    page.evaluate(() => {
      const { camera, microphone } = window.beeline.media.state;
      return [camera, microphone].every((device) => device.track || device.trouble);
    }),
  );
}

/** Joins under `name` and waits for the call to be on the screen. */
export async function join(browser, server, room, name, options = {}) {
  const page = await openLobby(browser, server, room, options);
  if (!options.impatient) await devicesSettled(page);
  await page.fill('input[name=name]', name);
  await page.click('[data-action=join]');
  await page.waitForSelector('.call', { timeout: WAIT_MS });
  return page;
}

/** Opens the front page, chooses a kind of place and enters it as its host. Resolves to {page, link, room}. */
export async function host(browser, server, name, { kind = 'meeting', preferences = {}, before, ...options } = {}) {
  const page = await browser.page('about:blank', options);
  await before?.(page);
  await page.addInitScript((stored) => {
    if (!localStorage.getItem('beeline.preferences')) localStorage.setItem('beeline.preferences', stored);
  }, JSON.stringify(preferences));
  await page.goto(server.http);
  await page.click(`[data-kind=${kind}]`);
  await page.fill('input[name=name]', name);
  if (kind !== 'messages') await devicesSettled(page);
  await page.click('[data-action=join]');
  await entered(page);
  const { link, place } = await page.evaluate(() => ({ link: window.beeline.link, place: window.beeline.state.place }));
  return { page, link, room: place.roomId };
}

export function entered(page) {
  return until('the page is inside', () => page.evaluate(() => window.beeline.state.screen === 'call'));
}

/** That many elements are on the page. What is drawn follows what is known a moment later, so this is waited for. */
export function shows(page, selector, count = 1) {
  return until(`${count} of ${selector}`, async () => {
    const found = (await page.$$(selector)).length;
    return { met: found === count, found };
  });
}

/** Ids of the others, as the page's roster has them. */
export function roster(page) {
  return page.evaluate(() => window.beeline.state.people.map(({ id, name, away }) => ({ id, name, away })));
}

export async function sees(page, count, ms = WAIT_MS) {
  return until(`${count} others are in the room`, async () => {
    const people = await roster(page);
    return { met: people.length === count, people };
  }, ms);
}

/** Everything measurable about the link to the only other member (or to `member`). */
export function facts(page, member = null) {
  return page.evaluate(async (wanted) => {
    const session = window.beeline;
    const id = wanted ?? session.state.people[0]?.id;
    const link = id && session.room?.link(id);
    if (!link?.connection) return null;
    await link.poll();
    const { story, connection } = link;
    const stats = story.stats;
    const path = session.room.explain(id);
    const end = (list, key) => list.find((candidate) => candidate.id === stats.selected?.[key]);
    return {
      id,
      state: connection.connectionState,
      signaling: connection.signalingState,
      framesDecoded: stats.framesDecoded,
      audioEnergy: stats.totalAudioEnergy,
      bytesSent: stats.selected?.bytesSent ?? 0,
      local: end(stats.localCandidates, 'localId'),
      remote: end(stats.remoteCandidates, 'remoteId'),
      code: path.code,
      path: path.path,
    };
  }, member);
}

/** Video of that member decodes and its sound arrives; for rooms of more than two. */
export async function flowsFrom(page, member, what) {
  const before = await until(`${what}: connected`, async () => {
    const seen = await facts(page, member);
    return seen && { met: seen.state === 'connected' && seen.framesDecoded > 0, ...seen };
  });
  await until(`${what}: frames and sound keep arriving`, async () => {
    const now = await facts(page, member);
    return { met: now.framesDecoded > before.framesDecoded + 5 && now.audioEnergy > before.audioEnergy, ...now };
  });
}

/** Reads the remote picture twice: it must not be one colour, and it must move. */
function picture(page) {
  return page.evaluate(() => {
    const video = document.querySelector('.tile:not(.self) video');
    if (!video || video.videoWidth === 0) return null;
    const canvas = document.createElement('canvas');
    canvas.width = 64;
    canvas.height = 48;
    const drawing = canvas.getContext('2d', { willReadFrequently: true });
    drawing.drawImage(video, 0, 0, 64, 48);
    const { data } = drawing.getImageData(0, 0, 64, 48);
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4) colours.add((data[at] >> 4) * 256 + (data[at + 1] >> 4) * 16 + (data[at + 2] >> 4));
    return { colours: colours.size, pixels: Array.from(data) };
  });
}

/** Remote video decodes, shows a picture that is not uniform and that moves; audio energy arrives. */
export async function mediaFlows(page, what) {
  const before = await until(`${what}: connected`, async () => {
    const seen = await facts(page);
    return seen && { met: seen.state === 'connected' && seen.framesDecoded > 0, ...seen };
  });
  await until(`${what}: frames keep being decoded and sound keeps arriving`, async () => {
    const now = await facts(page);
    return { met: now.framesDecoded > before.framesDecoded + 5 && now.audioEnergy > before.audioEnergy, ...now };
  });
  const first = await until(`${what}: the picture is not uniform`, async () => {
    const seen = await picture(page);
    return seen && { met: seen.colours >= 3, ...seen, toJSON: () => ({ colours: seen.colours }) };
  });
  await until(`${what}: the picture changes over time`, async () => {
    const seen = await picture(page);
    if (!seen) return null;
    const changed = seen.pixels.filter((value, at) => Math.abs(value - first.pixels[at]) > 24).length;
    return { met: changed > 20, changed };
  });
}

export async function openMessages(page) {
  // Beside a live and on a conversation's own page it is always there.
  if (await page.$('textarea[name=message]')) return;
  await page.click('[data-control=messages]');
  await page.waitForSelector('textarea[name=message]');
}

export async function say(page, text) {
  await openMessages(page);
  await page.fill('textarea[name=message]', text);
  await page.press('textarea[name=message]', 'Enter');
}

/** The texts of the others that the page shows. */
export async function heard(page) {
  await openMessages(page);
  return page.$$eval('.entry:not(.mine) .entry-text', (entries) => entries.map((entry) => entry.textContent));
}

export async function bothTalk(a, b, tag) {
  for (const [from, to, text] of [[a, b, `hello from the first ${tag}`], [b, a, `你好 from the second ${tag}`]]) {
    await say(from, text);
    await until(`"${text}" arrives once`, async () => {
      const texts = await heard(to);
      return { met: texts.filter((each) => each === text).length === 1, texts };
    });
  }
}

export async function channelOpen(page) {
  await until('the data channel is open', () =>
    page.evaluate(() => {
      const people = window.beeline.state.people;
      return people.length > 0 && people.every(({ id }) => window.beeline.room.link(id)?.chatOpen);
    }),
  );
}

/** What the page sent to the only other member, over all pairs it ever used. */
export function pairBytes(page) {
  return page.evaluate(async () => {
    const session = window.beeline;
    const link = session.room.link(session.state.people[0].id);
    await link.poll();
    return link.story.stats.pairs.reduce((sum, pair) => sum + pair.bytesSent, 0);
  });
}
