// Two people who hide their addresses: everything goes through our TURN server over UDP, the pages say so, and the
// server counted the same bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { bothTalk, channelOpen, facts, join, mediaFlows, newRoom, pairBytes, shows, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { counter, startServer } from './harness/server.mjs';

/** Packets that a page has sent and the server has not counted yet, or that UDP lost. */
const TOLERANCE = 0.02;

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
});

test('relay-only over UDP: picture, sound, messages; the pair says relay and the byte counters agree', async (t) => {
  if (!server.metrics) return t.skip('BEELINE_METRICS is not set, so the counters cannot be read');
  const relayed = async (direction) =>
    counter(server, 'beeline_turn_relayed_bytes_total', `direction="${direction}"`);
  const room = newRoom();
  const hidden = { preferences: { relayOnly: true } };
  const mei = await join(left, server, room, 'Mei', hidden);
  const jon = await join(right, server, room, 'Jon', hidden);
  await mediaFlows(mei, 'Mei sees Jon');
  await mediaFlows(jon, 'Jon sees Mei');
  await channelOpen(mei);
  await bothTalk(mei, jon, 'through the relay');

  for (const page of [mei, jon]) {
    // Where the relay over TCP answers first, Chromium takes it, and the page looks again a few seconds later.
    const seen = await until('the path is the relay over UDP', async () => {
      const now = await facts(page);
      return { met: now.local?.relayProtocol === 'udp', ...now };
    });
    assert.equal(seen.local.type, 'relay');
    assert.equal(seen.remote.type, 'relay');
    assert.equal(seen.path, 'relayed');
    assert.equal(seen.code, 'relayed_by_choice');
    await shows(page, '.badge[data-path=relayed]');
  }

  // From here on: what went another way before is neither in the pair's bytes nor in the difference of the counters.
  const before = { toPeer: await relayed('to_peer'), toClient: await relayed('to_client') };
  const bothSent = async () => (await pairBytes(mei)) + (await pairBytes(jon));
  const sentBefore = await bothSent();
  const { sent } = await until('the pages send 100 kB more', async () => {
    const sent = (await bothSent()) - sentBefore;
    return { met: sent > 100_000, sent };
  });
  const counted = await until('the server counts what the pages sent', async () => {
    const toPeer = (await relayed('to_peer')) - before.toPeer;
    const toClient = (await relayed('to_client')) - before.toClient;
    const least = sent * (1 - TOLERANCE);
    return { met: toPeer >= least && toClient >= least, sent, toPeer, toClient };
  });
  const sentSince = (await bothSent()) - sentBefore;
  // And not much more: STUN checks and DTLS are relayed too, but pages do not count checks as payload.
  assert.ok(counted.toPeer < sentSince * 1.1 + 50_000, JSON.stringify({ ...counted, sentSince }));
  t.diagnostic(`the pages sent ${sent} bytes; the server counted ${counted.toPeer} to peers, ${counted.toClient} to clients`);
});

/** Before any script of the page: its first gathering knows only the relays, or only those over streams; later ones know everything. */
const unlucky = ({ streamsOnly = false } = {}) => (page) =>
  page.addInitScript((fewer) => {
    const isStream = (url) => /^turns:|transport=tcp/.test(url);
    const streams = (servers) => servers.map((each) => ({ ...each, urls: [each.urls].flat().filter(isStream) }));
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(configuration) {
        const { iceServers } = configuration;
        const left = fewer ? streams(iceServers).filter(({ urls }) => urls.length > 0) : iceServers;
        super({ ...configuration, iceServers: left, iceTransportPolicy: 'relay' });
        this.addEventListener('connectionstatechange', () => {
          if (this.connectionState === 'connected') this.setConfiguration(configuration);
        });
      }
    };
  }, streamsOnly);

test('the relay over TCP came first: the page looks again, and goes over UDP without losing its connection', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei', { before: unlucky({ streamsOnly: true }), preferences: { relayOnly: true } });
  const jon = await join(right, server, room, 'Jon');
  await mediaFlows(mei, 'Mei, over TCP, sees Jon');
  assert.notEqual((await facts(mei)).local.relayProtocol, 'udp');
  await mei.evaluate(() => {
    window.kept = window.beeline.room.link(window.beeline.state.people[0].id).connection;
  });
  await until('the path is the relay over UDP', async () => {
    const seen = await facts(mei);
    return { met: seen.local?.relayProtocol === 'udp', ...seen };
  });
  assert.ok(
    await mei.evaluate(() => window.kept === window.beeline.room.link(window.beeline.state.people[0].id).connection),
    'the connection is the same one',
  );
  await mediaFlows(jon, 'Jon still sees Mei');
});

test('a relay came first though nobody wanted one: the pages look again, and go directly', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei', { before: unlucky() });
  const jon = await join(right, server, room, 'Jon', { before: unlucky() });
  await mediaFlows(mei, 'Mei, over a relay, sees Jon');
  assert.equal((await facts(mei)).code, 'relayed_for_now');
  for (const page of [mei, jon]) {
    await until('the path is direct', async () => {
      const seen = await facts(page);
      return { met: seen.path === 'direct', ...seen };
    });
  }
  await mediaFlows(jon, 'Jon still sees Mei');
});

test('only one side hides its address: the other says "the other side hides its address"', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei', { preferences: { relayOnly: true } });
  const jon = await join(right, server, room, 'Jon');
  await mediaFlows(jon, 'Jon sees Mei');
  assert.equal((await facts(mei)).code, 'relayed_by_choice');
  await until('Jon reads why', async () => {
    const { code, local, remote } = await facts(jon);
    return { met: code === 'relayed_peer_choice', code, local, remote };
  });
});

test('hiding the address during a call moves it to the relay, and showing it brings the direct path back', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await mediaFlows(mei, 'Mei sees Jon');
  assert.equal((await facts(mei)).path, 'direct');
  const hide = (relayOnly) => mei.evaluate((value) => window.beeline.prefer({ relayOnly: value }), relayOnly);
  await hide(true);
  await until('the path is relayed', async () => {
    const seen = await facts(mei);
    return { met: seen.path === 'relayed' && seen.code === 'relayed_by_choice', ...seen };
  });
  await mediaFlows(mei, 'Mei still sees Jon');
  await hide(false);
  await until('the path is direct again', async () => {
    const seen = await facts(mei);
    return { met: seen.path === 'direct', ...seen };
  });
  await mediaFlows(jon, 'Jon still sees Mei');
});
