// A live: one sends, four watch without a camera, a name or a question, and everybody writes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { entered, host, say, until, WAIT_MS } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  // The audience has no devices and grants nothing: a page that asked would fail here.
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser({ media: 'none' }))]);
});

const playing = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('.live-stage video');
    return video && video.videoWidth > 0 && video.currentTime > 0.2 ? { at: video.currentTime } : null;
  });

test('four watch one: the picture comes first, the count is right, what is written reaches all', async () => {
  const { page: mei, link } = await host(left, server, 'Mei', { kind: 'live' });
  assert.match(link, /#live\/[a-z2-7]{26}$/);
  const watchers = [];
  for (let count = 1; count <= 4; count++) {
    const page = await right.page(link);
    watchers.push(page);
    await entered(page);
    await until('the watcher sees moving video', () => playing(page), WAIT_MS * 2);
    assert.equal(await page.$('input[name=password], [data-action=join], dialog'), null, 'nothing was asked');
    assert.equal(await page.evaluate(() => Object.keys(window.beeline.media.tracks).length), 0);
    await until(`the sender counts ${count}`, () => mei.$(`[data-viewers="${count}"]`));
  }
  for (const page of watchers) await until('a watcher counts four', () => page.$('[data-viewers="4"]'));
  assert.equal(await watchers[0].$('[data-trouble]'), null, 'a watcher is not told about a camera it does not need');
  await watchers[0].fill('input[name=name]', 'Jon');
  await watchers[0].press('input[name=name]', 'Enter');
  await until('the name is known', async () => mei.evaluate(() => window.beeline.state.people.some(({ name }) => name === 'Jon')));
  await say(watchers[0], 'hello from the audience');
  for (const page of [mei, ...watchers.slice(1)]) {
    await until('the text reaches everybody', async () => {
      const texts = await page.$$eval('.entry:not(.mine) .entry-text', (entries) => entries.map(({ textContent }) => textContent));
      return { met: texts.includes('hello from the audience'), texts };
    });
  }
  const before = await playing(watchers[3]);
  await until('the picture goes on', async () => (await playing(watchers[3])).at > before.at + 0.5);
  await watchers[1].context().close();
  await until('the sender counts three', () => mei.$('[data-viewers="3"]'));
  await mei.context().close();
  await until('the audience sees that it is over', () => watchers[0].$('[data-live=waiting]'));
  for (const page of [watchers[0], watchers[2], watchers[3]]) await page.context().close();
});

test('who comes before the sender waits, may write, and sees the live begin by itself', async () => {
  const { page: mei, link } = await host(left, server, 'Mei', { kind: 'live' });
  await mei.click('[data-control=leave]');
  const early = await right.page(link);
  await early.waitForSelector('[data-live=waiting]');
  await mei.click('[data-action=rejoin]');
  await until('it plays', () => playing(early), WAIT_MS * 2);
  await mei.context().close();
  await early.context().close();
});
