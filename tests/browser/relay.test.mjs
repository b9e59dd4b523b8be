// Two people who hide their addresses: everything goes through our TURN server over UDP, the pages say so, and the
// server counted the same bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { bothTalk, channelOpen, facts, join, mediaFlows, newRoom, pairBytes, until } from './harness/people.mjs';
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
  const before = { toPeer: await relayed('to_peer'), toClient: await relayed('to_client') };
  const room = newRoom();
  const hidden = { preferences: { relayOnly: true } };
  const mei = await join(left, server, room, 'Mei', hidden);
  const jon = await join(right, server, room, 'Jon', hidden);
  await mediaFlows(mei, 'Mei sees Jon');
  await mediaFlows(jon, 'Jon sees Mei');
  await channelOpen(mei);
  await bothTalk(mei, jon, 'through the relay');

  for (const page of [mei, jon]) {
    const seen = await facts(page);
    assert.equal(seen.local.type, 'relay');
    assert.equal(seen.local.relayProtocol, 'udp');
    assert.equal(seen.remote.type, 'relay');
    assert.equal(seen.path, 'relayed');
    assert.equal(seen.code, 'relayed_by_choice');
    assert.equal(await page.getAttribute('.badge', 'data-path'), 'relayed');
  }

  const sent = (await pairBytes(mei)) + (await pairBytes(jon));
  assert.ok(sent > 100_000, `the pages sent only ${sent} bytes`);
  const counted = await until('the server counts what the pages sent', async () => {
    const toPeer = (await relayed('to_peer')) - before.toPeer;
    const toClient = (await relayed('to_client')) - before.toClient;
    const least = sent * (1 - TOLERANCE);
    return { met: toPeer >= least && toClient >= least, sent, toPeer, toClient };
  });
  const sentSince = (await pairBytes(mei)) + (await pairBytes(jon));
  // And not much more: STUN checks and DTLS are relayed too, but pages do not count checks as payload.
  assert.ok(counted.toPeer < sentSince * 1.1 + 50_000, JSON.stringify({ ...counted, sentSince }));
  t.diagnostic(`the pages sent ${sent} bytes; the server counted ${counted.toPeer} to peers, ${counted.toClient} to clients`);
  await mei.context().close();
  await jon.context().close();
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
  await mei.context().close();
  await jon.context().close();
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
  await mei.context().close();
  await jon.context().close();
});
