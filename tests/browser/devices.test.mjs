// Cameras, microphones and screens: missing, refused, switched off, unplugged, shared; and a server that says no. In every
// case there is a plain sentence, and whoever can join may.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { bothTalk, channelOpen, devicesSettled, facts, join, mediaFlows, newRoom, openLobby, sees, shows, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left;
scene(async (keep) => {
  server = await keep(startServer());
  left = await keep(startBrowser());
});

/** Runs `body` with a second browser of that kind. */
async function withBrowser(options, body) {
  const browser = await startBrowser(options);
  try {
    await body(browser);
  } finally {
    await browser.close();
  }
}

/** What the lobby says about devices, as [trouble, devices] per note. */
const notes = (page) =>
  page.$$eval('[data-trouble]', (found) => found.map((note) => `${note.dataset.trouble} ${note.dataset.devices}`));

async function joinsAnyway(browser, what, sentence, trouble, options = {}) {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await openLobby(browser, options.server ?? server, room);
  await until(`the lobby says that the devices are ${what}`, async () => {
    const seen = await notes(jon);
    return { met: seen.join() === `${trouble} camera microphone`, seen };
  });
  assert.match(await jon.textContent('[data-trouble]'), sentence);
  await jon.fill('input[name=name]', 'Jon');
  await jon.click('[data-action=join]');
  await jon.waitForSelector('.call');
  await mediaFlows(jon, `Jon, whose devices are ${what}, sees and hears Mei`);
  await channelOpen(jon);
  await channelOpen(mei);
  await bothTalk(mei, jon, `with devices ${what}`);
  assert.equal((await facts(mei)).state, 'connected');
  await until('Mei sees that he is muted', () => mei.$('.tile:not(.self) .tile-muted'));
  await Promise.all([mei.context().close(), jon.context().close()]);
}

test('without camera and microphone: a sentence says why, and one can join, watch, hear and write', () =>
  withBrowser({ media: 'none' }, (right) =>
    joinsAnyway(right, 'missing', /Camera and microphone: nothing was found.*You can also join now/s, 'media_missing'),
  ));

test('permission refused: a sentence says what to click, and one can join, watch, hear and write', () =>
  withBrowser({ media: 'deny' }, (right) =>
    joinsAnyway(right, 'refused', /the browser was told not to allow it\. Click the icon/, 'media_denied'),
  ));

function anotherCamera(page, before) {
  return until('another track has taken its place', async () => {
    const now = await page.evaluate(() => window.beeline.media.state.camera.track?.id);
    return { met: !!now && now !== before, now };
  });
}

test('camera and microphone go off and on again, and an unplugged camera is replaced, during a call', () =>
  withBrowser({}, async (right) => {
    const room = newRoom();
    const mei = await join(left, server, room, 'Mei');
    const jon = await join(right, server, room, 'Jon');
    await mediaFlows(jon, 'before');
    await mei.click('[data-control=camera]');
    await until('the tile shows an avatar', () => jon.$('.tile:not(.self) .avatar'));
    await mei.keyboard.press('m');
    await until('the tile shows that she is muted', () => jon.$('.tile:not(.self) .tile-muted'));
    await mei.click('[data-control=camera]');
    await mei.keyboard.press('m');
    await mediaFlows(jon, 'after');
    await shows(jon, '.tile:not(.self) .tile-muted', 0);
    // A browser fires `ended` when a device is pulled out; the fake device cannot be, so the event is fired for it.
    const before = await mei.evaluate(() => {
      const { track } = window.beeline.media.state.camera;
      track.stop();
      track.dispatchEvent(new Event('ended'));
      return track.id;
    });
    await anotherCamera(mei, before);
    await mediaFlows(jon, 'after the camera was replaced');
    await Promise.all([mei.context().close(), jon.context().close()]);
  }));

test('a camera that is on and gives nothing is told of during a call, until it gives something or another one does', () =>
  withBrowser({}, async (right) => {
    const room = newRoom();
    const mei = await join(left, server, room, 'Mei');
    const jon = await join(right, server, room, 'Jon');
    await mediaFlows(jon, 'before');
    // A browser mutes the track of a camera with a closed cover; the fake camera has none, so the browser's part is played.
    const muted = (value) =>
      mei.evaluate((now) => {
        const { track } = window.beeline.media.state.camera;
        Object.defineProperty(track, 'muted', { value: now, configurable: true });
        track.dispatchEvent(new Event(now ? 'mute' : 'unmute'));
        return track.id;
      }, value);
    const note = '[data-trouble=media_silent][data-devices=camera]';
    await muted(true);
    await shows(mei, note);
    assert.doesNotMatch(await mei.textContent(note), /join/, 'who is inside is not told how to join');
    await muted(false);
    await shows(mei, note, 0);
    await muted(true);
    await shows(mei, note);
    await mei.click('[data-control=camera]');
    await shows(mei, note, 0);
    await mei.click('[data-control=camera]');
    await mediaFlows(jon, 'on again');
    const before = await muted(true);
    await shows(mei, note);
    await mei.click(`${note} button`);
    await anotherCamera(mei, before);
    await shows(mei, note, 0);
    await mediaFlows(jon, 'after');
    await Promise.all([mei.context().close(), jon.context().close()]);
  }));

test('who joins before a permission is given is seen as soon as it is', () =>
  withBrowser({}, async (right) => {
    const room = newRoom();
    const mei = await openLobby(left, server, 'about-nothing', {
      preferences: { name: 'Mei' },
      before: (page) =>
        page.addInitScript(() => {
          const { mediaDevices } = navigator;
          const ask = mediaDevices.getUserMedia.bind(mediaDevices);
          const allowed = new Promise((resolve) => (window.allow = resolve));
          mediaDevices.getUserMedia = async (constraints) => (await allowed, ask(constraints));
        }),
    });
    await mei.goto(`${server.http}/#${room}`);
    await mei.click('[data-action=join]');
    await mei.waitForSelector('.call');
    const jon = await join(right, server, room, 'Jon');
    await channelOpen(jon);
    await shows(jon, '.tile:not(.self) .avatar');
    await mei.evaluate(() => window.allow());
    await mediaFlows(jon, 'Jon sees Mei after she allowed it');
    await Promise.all([mei.context().close(), jon.context().close()]);
  }));

async function screenArrives(page) {
  await until('the shared screen is shown and decodes', () =>
    page.evaluate(() => (document.querySelector('.tile.screen video')?.videoWidth ?? 0) > 0));
}

test('a screen is shared and ended by one, and then by both in the same moment', () =>
  withBrowser({}, async (right) => {
    const room = newRoom();
    const mei = await join(left, server, room, 'Mei');
    const jon = await join(right, server, room, 'Jon');
    await mediaFlows(jon, 'before');
    await mei.click('[data-control=screen]');
    await screenArrives(jon);
    await mei.click('[data-control=screen]');
    await until('the screen is gone', async () => (await jon.$('.tile.screen')) === null);
    await Promise.all([mei, jon].map((page) => page.reload()));
    for (const page of [mei, jon]) await page.waitForSelector('[data-action=join]');
    for (const page of [mei, jon]) await devicesSettled(page);
    await mei.click('[data-action=join]');
    await mei.waitForSelector('.call');
    await jon.click('[data-action=join]');
    await sees(mei, 1);
    await mediaFlows(jon, 'after the reload');
    // Neither side has a line for a screen yet: both offer one at once.
    await Promise.all([mei, jon].map((page) => page.evaluate(() => window.beeline.media.shareScreen())));
    await Promise.all([screenArrives(mei), screenArrives(jon)]);
    await mediaFlows(mei, 'Mei, with two screens shared');
    await mediaFlows(jon, 'Jon, with two screens shared');
    await Promise.all([mei.context().close(), jon.context().close()]);
  }));

const CODES = ['room_full', 'server_full', 'room_invalid', 'name_invalid', 'version_unsupported', 'a_code_of_tomorrow'];

test('a server that refuses: each code has its own sentence in both languages, and the lobby stays usable', async () => {
  const sentences = new Set();
  for (const locale of ['en-US', 'zh-TW']) {
    const page = await openLobby(left, server, newRoom(), { locale });
    await devicesSettled(page);
    let code = '';
    await page.routeWebSocket('**/api/signal', (socket) => {
      socket.onMessage(() => {
        socket.send(JSON.stringify({ type: 'error', code, message: 'for people, in English', fatal: true }));
        socket.close({ code: 4000 });
      });
    });
    await page.reload();
    await devicesSettled(page);
    for (code of CODES) {
      await page.click('[data-action=join]');
      const sentence = await until(`a sentence for ${code}`, async () => {
        const text = await page.textContent('.note-bad', { timeout: 1_000 });
        return { met: !!text && !sentences.has(text), text };
      });
      sentences.add(sentence.text);
      if (code !== 'a_code_of_tomorrow') assert.ok(!sentence.text.includes(code), sentence.text);
    }
    await page.context().close();
  }
  assert.equal(sentences.size, CODES.length * 2);
});
