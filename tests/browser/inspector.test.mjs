// The inspector: the matrix and its reasons, both routers, what-if for real, and a report without addresses.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { facts, join, mediaFlows, newRoom, shows, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
});

async function inspected() {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await mediaFlows(mei, 'Mei sees Jon');
  await mei.click('.badge');
  await mei.click('[data-action=see-how]');
  await mei.waitForSelector('.matrix table');
  await shows(mei, '.badge[data-path=direct]');
  return { mei, jon, close: () => Promise.all([mei.context().close(), jon.context().close()]) };
}

async function savedReport(page) {
  const download = page.waitForEvent('download');
  await page.click('[data-action=save-report]');
  const file = await download;
  assert.equal(file.suggestedFilename(), 'beeline-path.html');
  const text = await readFile(await file.path(), 'utf8');
  const json = /<pre id="report">([\s\S]*?)<\/pre>/.exec(text)[1];
  return JSON.parse(json.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'));
}

test('the matrix has one pair in use, each cell says why, and both routers are drawn', async () => {
  const { mei, close } = await inspected();
  await shows(mei, '[data-reason=in_use]');
  await mei.click('[data-reason=in_use]');
  assert.match(await mei.textContent('.matrix-reason'), /A1 · B1\s*In use\./);
  for (const cell of await mei.$$('.cell button')) assert.match(await cell.getAttribute('aria-label'), /^A\d B\d: .+\.$/);
  await shows(mei, '.nat', 2);
  assert.match(await mei.textContent('.nat-facts'), /not measur/);
  await close();
});

test('a report masks every address unless asked, and has timeline, pairs and routers', async () => {
  const { mei, close } = await inspected();
  const address = await mei.evaluate(() => window.beeline.state.people[0].path.local.address);
  assert.match(address, /^[\d.]+$|:/);
  const masked = await savedReport(mei);
  const text = JSON.stringify(masked);
  assert.ok(!text.includes(address), `${address} is in the report`);
  assert.ok(!/\b\d{1,3}(\.\d{1,3}){3}\b/.test(text.replace(masked.browser, '')), 'an IPv4 address is in the report');
  assert.ok(!text.includes('Jon') && !text.includes('Mei'), 'a name is in the report');
  assert.deepEqual([masked.timeline.yours.length, masked.path.code], [6, 'direct_same_network']);
  assert.ok(masked.pairs.some(({ selected }) => selected));
  await mei.click('label:has(input[name=with-addresses])');
  assert.ok(JSON.stringify(await savedReport(mei)).includes(address));
  await close();
});

test('what-if: relay only, and then no UDP, move the path to the relay and back, and the sentence says that it is a try', async () => {
  const { mei, jon, close } = await inspected();
  await mei.click('[data-what-if=relay_only]');
  await until('the path is relayed', async () => {
    const seen = await facts(mei);
    return { met: seen.code === 'relayed_what_if' && seen.local?.type === 'relay', ...seen };
  });
  await mediaFlows(mei, 'Mei through the relay');
  await until('the sentence says why', async () => /trying out a network/.test(await mei.textContent('.path-sentence')));
  await mei.click('[data-what-if=no_udp]');
  await until('the relay is reached without UDP', async () => {
    const seen = await facts(mei);
    return { met: seen.state === 'connected' && ['tcp', 'tls'].includes(seen.local?.relayProtocol), ...seen };
  });
  await mediaFlows(mei, 'Mei through the relay, without UDP');
  await mei.click('[data-what-if=as_it_is]');
  await until('the path is direct again', async () => (await facts(mei)).path === 'direct');
  await mediaFlows(jon, 'Jon after the try');
  await close();
});
