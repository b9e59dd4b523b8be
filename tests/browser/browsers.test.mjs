// Chromium and Firefox, over HTTPS under our own authority: direct in both directions, three in a room, and through the
// relay over each of its transports. The authority is in the browsers' own stores; nobody ignores a certificate.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { firefoxMissing, startFirefox } from './harness/firefox.mjs';
import { bothTalk, channelOpen, facts, flowsFrom, join, mediaFlows, newRoom, roster, sees } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

const elsewhere = process.env.BEELINE_URL ? 'BEELINE_URL names a server whose authority is not known here' : false;
const noFirefox = elsewhere || firefoxMissing() || false;
let server, ports, chromium, other, firefox;
scene(async (keep) => {
  if (elsewhere) return;
  server = await keep(startServer());
  ports = { udp: server.ready.turn_port, tls: server.ready.turns_port, https: Number(new URL(server.https).port) };
  server = { ...server, http: server.https };
  const { authority } = server;
  [chromium, other] = await Promise.all([keep(startBrowser({ authority })), keep(startBrowser({ authority }))]);
  if (!noFirefox) firefox = await keep(startFirefox({ authority }));
});

/** Before any script of the page: relays through `url` alone, with the credential that the server gave. */
const only = (url) => (page) =>
  page.addInitScript((urls) => {
    const keep = (configuration) => ({
      ...configuration,
      iceTransportPolicy: 'relay',
      iceServers: configuration.iceServers.filter(({ credential }) => credential).map((each) => ({ ...each, urls })),
    });
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(configuration) {
        super(keep(configuration));
      }
      setConfiguration(configuration) {
        super.setConfiguration(keep(configuration));
      }
    };
  }, url);

async function meet(first, second, options = {}) {
  const room = newRoom();
  const mei = await join(first, server, room, 'Mei', options);
  const jon = await join(second, server, room, 'Jon', options);
  await mediaFlows(mei, 'Mei sees Jon');
  await mediaFlows(jon, 'Jon sees Mei');
  await channelOpen(mei);
  await channelOpen(jon);
  await bothTalk(mei, jon, 'in two browsers');
  return [mei, jon];
}

const leave = (pages) => Promise.all(pages.map((page) => page.context().close()));

for (const [name, pick] of [
  ['Chromium comes first, Firefox second', () => [chromium, firefox]],
  ['Firefox comes first, Chromium second', () => [firefox, chromium]],
]) {
  test(`${name}: picture, sound and messages both ways, directly`, { skip: noFirefox }, async () => {
    const pages = await meet(...pick());
    for (const page of pages) assert.equal((await facts(page)).path, 'direct');
    await leave(pages);
  });
}

test('three in a room, two Chromium and one Firefox: everybody sees and hears everybody', { skip: noFirefox }, async () => {
  const room = newRoom();
  const pages = [];
  for (const [browser, name] of [[chromium, 'Mei'], [firefox, 'Jon'], [other, 'Ana']]) {
    pages.push(await join(browser, server, room, name));
  }
  for (const page of pages) {
    await sees(page, 2);
    for (const { id, name } of await roster(page)) await flowsFrom(page, id, `${name} is seen and heard`);
  }
  await leave(pages);
});

const TRANSPORTS = [
  ['UDP', 'udp', () => `turn:127.0.0.1:${ports.udp}?transport=udp`],
  ['TCP', 'tcp', () => `turn:127.0.0.1:${ports.udp}?transport=tcp`],
  // By name: Firefox does not check certificates of bare addresses here.
  ['TLS', 'tls', () => `turns:localhost:${ports.tls}?transport=tcp`],
  ['TLS on the HTTPS port', 'tls', () => `turns:localhost:${ports.https}?transport=tcp`],
];
for (const [name, protocol, url] of TRANSPORTS) {
  test(`relayed over ${name}: two Chromium`, { skip: elsewhere }, async () => {
    const pages = await meet(chromium, other, { before: only(url()), preferences: { relayOnly: true } });
    for (const page of pages) {
      const seen = await facts(page);
      assert.equal(seen.local.relayProtocol, protocol);
      assert.equal(seen.code, 'relayed_by_choice');
    }
    return leave(pages);
  });
}
for (const [name, , url] of TRANSPORTS) {
  test(`relayed over ${name}: Firefox and Chromium`, { skip: noFirefox }, async () => {
    const pages = await meet(firefox, chromium, { before: only(url()), preferences: { relayOnly: true } });
    for (const page of pages) assert.equal((await facts(page)).path, 'relayed');
    await leave(pages);
  });
}
