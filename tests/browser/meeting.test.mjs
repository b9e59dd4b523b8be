// Two people meet: picture, sound and messages really arrive, both ways.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { bothTalk, channelOpen, facts, join, mediaFlows, newRoom, sees, shows, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
});

function pathSentence(page, sentence) {
  return until(`the badge says "${sentence}"`, async () => {
    const said = await page.textContent('.path-sentence');
    return { met: said === sentence, said };
  });
}

test('two pages meet: video decodes and moves, audio arrives, messages go both ways', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  assert.deepEqual((await sees(mei, 1)).people.map(({ name }) => name), ['Jon']);
  assert.deepEqual((await sees(jon, 1)).people.map(({ name }) => name), ['Mei']);
  await mediaFlows(mei, 'Mei sees Jon');
  await mediaFlows(jon, 'Jon sees Mei');
  await channelOpen(mei);
  await channelOpen(jon);
  await bothTalk(mei, jon, 'over the channel');
  await until('the sender sees that it was delivered', () => mei.$('.receipt[data-delivered="1"]'));
  const seen = await facts(mei);
  assert.equal(seen.path, 'direct');
  assert.equal(seen.code, 'direct_same_network');
  await mei.context().close();
  await sees(jon, 0);
  await jon.context().close();
});

// Chromium answers getStats() from a cache, and the reading at "connected" often was one from before there was a path.
test('the badge tells the path as soon as there is one, not with the next reading of each second', async () => {
  const room = newRoom();
  const before = (page) => page.addInitScript(() => { window.setInterval = () => 0; });
  const mei = await join(left, server, room, 'Mei', { before });
  const jon = await join(right, server, room, 'Jon', { before });
  for (const page of [mei, jon]) {
    await page.click('.badge');
    await pathSentence(page, 'Direct: you are on the same local network.');
  }
  await mei.context().close();
  await jon.context().close();
});

test('the badge opens one sentence, and "see how" shows six timed steps in both lanes', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await mediaFlows(mei, 'Mei sees Jon');
  await mei.click('.badge');
  await pathSentence(mei, 'Direct: you are on the same local network.');
  await mei.click('[data-action=see-how]');
  await until('both lanes have six steps', async () => {
    const reached = await mei.$$eval('.step-mark.reached', (marks) => marks.length);
    return { met: reached === 12, reached };
  });
  const times = await mei.$$eval('.step-mark.reached .step-time', (marks) => marks.map((mark) => mark.textContent));
  for (const time of times) assert.match(time, /^\d+(\.\d)? (ms|s)$/);
  await mei.click('.lane-row:nth-child(2) .step-mark');
  assert.match(await mei.textContent('.step-lines pre'), /a=candidate:/);
  assert.match(await mei.getAttribute('.step-lines a', 'href'), /rfc8445#section-5\.1\.1$/);
  await shows(mei, '[data-reason=in_use]');
  await mei.context().close();
  await jon.context().close();
});
