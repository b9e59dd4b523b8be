// Getting through and staying connected: a network that breaks WebSockets, a device that changes its network, a server that
// is restarted in the middle of a call.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { bothTalk, channelOpen, facts, join, mediaFlows, newRoom, roster, sees, until, WAIT_MS } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
});

const closeAll = (...pages) => Promise.all(pages.map((page) => page.context().close()));

/** As a proxy that does not know WebSockets: each one fails before it opens. */
const withoutWebSockets = (page) =>
  page.addInitScript(() => {
    window.WebSocket = class extends EventTarget {
      constructor() {
        super();
        window.socketsRefused = (window.socketsRefused ?? 0) + 1;
        setTimeout(() => this.onclose?.(new CloseEvent('close', { code: 1006 })), 0);
      }
      close() {}
    };
  });

test('without WebSockets two meet over plain HTTP, talk, and the tab remembers what worked', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei', { before: withoutWebSockets });
  const jon = await join(right, server, room, 'Jon');
  assert.equal(await mei.evaluate(() => window.socketsRefused), 1);
  await mediaFlows(mei, 'Mei, over HTTP, sees Jon');
  await mediaFlows(jon, 'Jon sees Mei');
  await channelOpen(mei);
  await channelOpen(jon);
  await bothTalk(mei, jon, 'with signaling over HTTP');
  await mei.evaluate(() => window.beeline.rename('Mei 2'));
  await until('what she sends later arrives too', async () => (await roster(jon))[0].name === 'Mei 2');
  await mei.evaluate(() => window.beeline.room.interrupt());
  await until('a broken stream comes back', () => mei.evaluate(() => window.beeline.room.phase === 'open'));
  await until('nobody was lost', async () => (await roster(jon)).every(({ away }) => !away));
  assert.equal(await mei.evaluate(() => window.socketsRefused), 1, 'no second WebSocket was tried');
  await mei.click('[data-control=leave]');
  await sees(jon, 0, 5_000);
  await closeAll(mei, jon);
});

test('another network: the page says so, every path is looked for again, and the call goes on', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await mediaFlows(mei, 'before');
  const ufrag = () =>
    mei.evaluate(() => {
      const { connection } = window.beeline.room.link(window.beeline.state.people[0].id);
      return /a=ice-ufrag:(\S+)/.exec(connection.localDescription.sdp)[1];
    });
  const before = await ufrag();
  await mei.evaluate(() => {
    const banner = () => document.querySelector('[data-banner=moving]') !== null;
    new MutationObserver(() => (window.bannerSeen ||= banner())).observe(document.body, { childList: true, subtree: true });
    window.dispatchEvent(new Event('online'));
  });
  await until('the page said so, and it is over', () =>
    mei.evaluate(() => window.bannerSeen && !document.querySelector('[data-banner=moving]')));
  assert.notEqual(await ufrag(), before, 'ICE was restarted');
  await mediaFlows(mei, 'Mei after the move');
  await mediaFlows(jon, 'Jon after the move');
  await closeAll(mei, jon);
});

test('the server is killed and started again: ids, calls and picture stay, and new ones can join', async (t) => {
  if (!server.restart) return t.skip('the server at BEELINE_URL is not ours to restart');
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await mediaFlows(mei, 'before');
  const ids = async () => [await roster(mei), await roster(jon)].map(([other]) => other?.id).join();
  const before = await ids();
  await mei.evaluate(() => {
    window.kept = window.beeline.room.link(window.beeline.state.people[0].id).connection;
  });
  await server.restart();
  for (const page of [mei, jon]) {
    await until('both are back', () => page.evaluate(() => {
      const { room, state } = window.beeline;
      return room?.phase === 'open' && state.people.length === 1 && !state.people[0].away;
    }), WAIT_MS + 15_000);
  }
  assert.equal(await ids(), before);
  assert.ok(
    await mei.evaluate(() => window.kept === window.beeline.room.link(window.beeline.state.people[0].id).connection),
    'the connection is the same one',
  );
  await mediaFlows(mei, 'Mei after the restart');
  const ada = await join(right, server, room, 'Ada');
  await sees(mei, 2);
  await closeAll(mei, jon, ada);
});

test('a relayed call outlives its relay: after the restart it gets a new one', async (t) => {
  if (!server.restart) return t.skip('the server at BEELINE_URL is not ours to restart');
  const room = newRoom();
  const hidden = { preferences: { relayOnly: true } };
  const mei = await join(left, server, room, 'Mei', hidden);
  const jon = await join(right, server, room, 'Jon', hidden);
  await mediaFlows(mei, 'before');
  await server.restart();
  await until('the new relay carries it', async () => {
    const [ofMei, ofJon] = await Promise.all([mei, jon].map((page) => facts(page)));
    const open = await mei.evaluate(() => window.beeline.room.phase === 'open');
    return { met: open && ofMei?.state === 'connected' && ofJon?.state === 'connected', ofMei, ofJon };
  }, WAIT_MS * 2);
  await mediaFlows(mei, 'Mei after the restart');
  await mediaFlows(jon, 'Jon after the restart');
  await closeAll(mei, jon);
});
