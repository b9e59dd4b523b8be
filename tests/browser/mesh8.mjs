// Eight pages in one mesh, 160x90 at 5 frames a second each: all 28 links must be connected and decode in both directions.
// Not part of the tests: it wants more processor than most machines have to spare. Run it by hand:
//
//   node tests/browser/mesh8.mjs        BEELINE_BIN, BEELINE_WAIT_MS as in README.md; MESH_PATIENCE_MS: of each step (default 240000)

import { startBrowser, violations } from './harness/browser.mjs';
import { host, until } from './harness/people.mjs';
import { startServer } from './harness/server.mjs';

const PEOPLE = 8;
const PATIENCE_MS = Number(process.env.MESH_PATIENCE_MS ?? 240_000);

/**
 * Small pictures and no microphones: 56 voices are more than two processors encode beside 56 pictures. Each page has the
 * camera of its number: one that several pages of a Chromium share stops for all of them now and then when another page
 * opens it, with every track still "live". The second of Chromium's cameras is none: it has depths, and no pictures.
 */
const smallCamera = async (page, number) => {
  await page.context().grantPermissions(['camera']);
  await page.addInitScript((place) => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      if (wanted.audio) throw new DOMException('there is no microphone', 'NotFoundError');
      const cameras = (await mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
      return ask({ video: { deviceId: { exact: cameras[place === 1 ? 0 : place].deviceId }, width: 160, height: 90, frameRate: 5 } });
    };
  }, number);
};
const CAMERAS = { flags: [`--use-fake-device-for-media-stream=device-count=${PEOPLE + 1}`] };
const VIEW = { viewport: { width: 480, height: 320 } };

/** Of one page: how many links are connected and have decoded frames, as its own readings say, and how the others are. */
const links = (page) =>
  page.evaluate(() => {
    const { room, state } = window.beeline;
    const seen = { screen: `${state.screen} ${state.endCode}`, phase: state.phase, people: state.people.length, connected: 0, decoding: 0, others: {} };
    for (const { id, name } of state.people) {
      const { connection, story } = room.link(id) ?? {};
      if (connection?.connectionState === 'connected') seen.connected += 1;
      else seen.others[name] = connection ? [connection.signalingState, connection.iceConnectionState, connection.connectionState].join(' ') : 'none';
      if ((story?.stats?.framesDecoded ?? 0) > 5) seen.decoding += 1;
    }
    return seen;
  });

/** Of one page, where it did not come to that: what each line of each link sends and gets, so that one sees which side is silent. */
const account = (page) =>
  page.evaluate(async () => {
    const { room, state } = window.beeline;
    const told = {};
    for (const { id, name } of state.people) {
      const connection = room.link(id)?.connection;
      if (!connection) continue;
      const lines = connection.getTransceivers().map((line) => [
        line.mid, line.receiver.track.kind, line.direction, line.currentDirection,
        line.sender.track && `${line.sender.track.readyState}${line.sender.track.muted ? ' muted' : ''}`].join(' '));
      const streams = [...(await connection.getStats()).values()].filter(({ type, kind }) => type.endsWith('bound-rtp') && kind === 'video').map((one) =>
        [one.type, one.mid, 'packets', one.packetsSent ?? one.packetsReceived, 'frames', one.framesEncoded ?? one.framesReceived,
          'decoded', one.framesDecoded, 'keys', one.keyFramesEncoded ?? one.keyFramesDecoded, 'pli', one.pliCount, 'lost', one.packetsLost,
          one.qualityLimitationReason, 'target', one.targetBitrate, one.active].join(' '));
      told[name] = { lines, streams };
    }
    return told;
  });

const server = await startServer();
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(1);
const pages = [];
const browsers = await Promise.all([startBrowser(CAMERAS), startBrowser(CAMERAS)]);
try {
  const { page: first, link } = await host(browsers[0], server, 'Person 1', { ...VIEW, before: (page) => smallCamera(page, 1) });
  pages.push(first);
  for (let count = 2; count <= PEOPLE; count++) {
    const page = await browsers[count % 2].page('about:blank', VIEW);
    await smallCamera(page, count);
    await page.goto(link, { timeout: PATIENCE_MS });
    await page.fill('input[name=name]', `Person ${count}`, { timeout: PATIENCE_MS });
    await page.click('[data-action=join]');
    // One after the other, so that a slow machine spends its time on one join at a time.
    await until(`person ${count} is connected to the ${count - 1} before`, async () => {
      const seen = await links(page);
      return { met: seen.connected === count - 1, seen };
    }, PATIENCE_MS);
    pages.push(page);
    console.log(`${count} pages, ${(count * (count - 1)) / 2} links after ${seconds()} s`);
  }
  const wanted = PEOPLE - 1;
  await until(`all ${(PEOPLE * wanted) / 2} links are connected and decode both ways`, async () => {
    const seen = await Promise.all(pages.map(links));
    return { met: seen.every(({ connected, decoding }) => connected === wanted && decoding === wanted), seen };
  }, PATIENCE_MS);
  const names = await Promise.all(pages.map((page) => page.evaluate(() => window.beeline.state.people.length)));
  console.log(`${(PEOPLE * wanted) / 2} links between ${names.length} pages, all connected and decoding both ways, after ${seconds()} s`);
  if (violations.length > 0) throw new Error(violations.join('\n'));
} catch (error) {
  for (const [place, page] of pages.entries())
    console.log(`page ${place + 1}: ${JSON.stringify([await links(page).catch(String), await account(page).catch(String)], null, 1)}`);
  throw error;
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.close();
}
