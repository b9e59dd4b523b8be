// A device is carried from one network into another in the middle of a call, really: its interface goes away and another
// one appears behind another router, with another address. The call goes on by itself, and the page says meanwhile why it waits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { networksMissing, SERVER_IP, startNetworks } from './harness/networks.mjs';
import { facts, join, mediaFlows, newRoom, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

const elsewhere = process.env.BEELINE_URL ? 'BEELINE_URL names a server that is not in a namespace of ours' : null;
const skip = elsewhere ?? (await networksMissing()) ?? false;
const MOST_MS = 60_000;

let networks, server, carried, left, right;
scene(async (keep) => {
  if (skip) return;
  networks = await keep(startNetworks());
  // All addresses here are reserved for documentation, which the relay refuses unless it is told otherwise.
  const open = ['--allow-peer', '198.51.100.0/24', '--allow-peer', '203.0.113.0/24'];
  server = await keep(startServer({ namespace: networks.server, listen: SERVER_IP, flags: open }));
  carried = await networks.device('first');
  const { authority } = server;
  const staying = await networks.device('third');
  [left, right] = await Promise.all([
    keep(startBrowser({ authority, namespace: carried.name })),
    keep(startBrowser({ authority, namespace: staying.name })),
  ]);
});

const frames = async (pages) => Promise.all(pages.map(async (page) => (await facts(page))?.framesDecoded ?? 0));

/** Carries Mei's device to `home`; how long after she got there, and after she left, pictures came again at both. */
async function carry(mei, jon, home) {
  await mei.evaluate(() => {
    window.bannerSeen = false;
    new MutationObserver(() => (window.bannerSeen ||= document.querySelector('[data-banner=moving]') !== null))
      .observe(document.body, { childList: true, subtree: true });
  });
  const leftMs = Date.now();
  await carried.unplug();
  // What was on its way has arrived, and nothing comes any more.
  let before = await frames([mei, jon]);
  await until('the pictures stand still', async () => {
    const now = await frames([mei, jon]);
    const still = now.every((count, at) => count === before[at]);
    before = now;
    return { met: still, now };
  });
  await carried.plug(home);
  const arrivedMs = Date.now();
  await until('pictures come again at both', async () => {
    const now = await frames([mei, jon]);
    return { met: now.every((count, at) => count > before[at] + 5), before, now };
  }, MOST_MS);
  const flowsMs = Date.now();
  await until('the page said that it was moving, and it is over', () =>
    mei.evaluate(() => window.bannerSeen && !document.querySelector('[data-banner=moving]')), MOST_MS);
  return { sinceArrivalMs: flowsMs - arrivedMs, sinceDepartureMs: flowsMs - leftMs };
}

for (const [how, preferences] of [['direct', {}], ['relayed', { relayOnly: true }]]) {
  test(`carried into another network and back, a ${how} call goes on by itself`, { skip }, async (t) => {
    const room = newRoom();
    const inside = { ...server, http: server.https };
    const mei = await join(left, inside, room, 'Mei', { preferences });
    const jon = await join(right, inside, room, 'Jon', { preferences });
    await mediaFlows(mei, 'Mei before');
    await mediaFlows(jon, 'Jon before');
    assert.equal((await facts(mei)).path, how);
    for (const home of ['second', 'first']) {
      const took = await carry(mei, jon, home);
      t.diagnostic(`${how}, into the ${home} network: pictures again ${(took.sinceArrivalMs / 1000).toFixed(1)} s after it was there ` +
        `(${(took.sinceDepartureMs / 1000).toFixed(1)} s after the old one was gone)`);
      await mediaFlows(mei, `Mei in the ${home} network`);
      await mediaFlows(jon, `Jon, Mei being in the ${home} network`);
      assert.equal((await facts(mei)).path, how);
    }
  });
}
