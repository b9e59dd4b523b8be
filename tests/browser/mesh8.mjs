// Eight pages in one mesh, 160x90 at 5 frames a second each: all 28 links must be connected and decode in both directions.
// Not part of the tests: it wants more processor than most machines have to spare. Run it by hand:
//
//   node tests/browser/mesh8.mjs        BEELINE_BIN, BEELINE_WAIT_MS as in README.md

import { startBrowser, violations } from './harness/browser.mjs';
import { host, until } from './harness/people.mjs';
import { startServer } from './harness/server.mjs';

const PEOPLE = 8;
const PATIENCE_MS = 240_000;

/** Cameras cost most here, so they are asked for less. */
const smallCamera = (page) =>
  page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = (wanted) =>
      ask({ ...wanted, ...(wanted.video && { video: { width: 160, height: 90, frameRate: 5 } }) });
  });
const VIEW = { viewport: { width: 480, height: 320 } };

/** Of one page: how many links are connected, and how many of them have decoded frames, as its own readings say. */
const links = (page) =>
  page.evaluate(() => {
    const { room, state } = window.beeline;
    const seen = { connected: 0, decoding: 0 };
    for (const { id } of state.people) {
      const link = room.link(id);
      if (link?.connection?.connectionState === 'connected') seen.connected += 1;
      if ((link?.story.stats?.framesDecoded ?? 0) > 5) seen.decoding += 1;
    }
    return seen;
  });

const server = await startServer();
const browsers = await Promise.all([startBrowser(), startBrowser()]);
try {
  const began = Date.now();
  const { page: first, link } = await host(browsers[0], server, 'Person 1', { ...VIEW, before: smallCamera });
  const pages = [first];
  for (let count = 2; count <= PEOPLE; count++) {
    const page = await browsers[count % 2].page('about:blank', VIEW);
    await smallCamera(page);
    await page.goto(link, { timeout: PATIENCE_MS });
    await page.fill('input[name=name]', `Person ${count}`, { timeout: PATIENCE_MS });
    await page.click('[data-action=join]');
    // One after the other, so that a slow machine spends its time on one join at a time.
    await until(`person ${count} is connected to the ${count - 1} before`, async () => {
      const seen = await links(page);
      return { met: seen.connected === count - 1, seen };
    }, PATIENCE_MS);
    pages.push(page);
  }
  const wanted = PEOPLE - 1;
  await until(`all ${(PEOPLE * wanted) / 2} links are connected and decode both ways`, async () => {
    const seen = await Promise.all(pages.map(links));
    return { met: seen.every(({ connected, decoding }) => connected === wanted && decoding === wanted), seen };
  }, PATIENCE_MS);
  const names = await Promise.all(pages.map((page) => page.evaluate(() => window.beeline.state.people.length)));
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${(PEOPLE * wanted) / 2} links between ${names.length} pages, all connected and decoding both ways, after ${seconds} s`);
  if (violations.length > 0) throw new Error(violations.join('\n'));
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.close();
}
