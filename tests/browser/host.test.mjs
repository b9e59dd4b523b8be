// What a host may do, as a host and as those it is done to; and the words by which two people know that nobody is between.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { bothTalk, channelOpen, entered, heard, host, join, mediaFlows, newRoom, openLobby, say, sees, shows, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
});

const closeAll = (...pages) => Promise.all(pages.map((page) => page.context().close()));

test('who comes by a link may start a meeting, a live or a conversation of their own instead', async () => {
  for (const kind of ['meeting', 'live', 'messages']) {
    const room = newRoom();
    const page = await openLobby(right, server, room);
    await page.click(`[data-kind=${kind}]`);
    const place = await page.evaluate(() => ({ ...window.beeline.state.place, isNew: window.beeline.isNew }));
    assert.deepEqual([place.kind, place.isNew, place.roomId === room], [kind, true, false]);
    await shows(page, `[data-kind=${kind}][aria-pressed=true]`);
    await closeAll(page);
  }
});

test('who makes a room is its host, and still is after a reload; who comes by the link is not', async () => {
  const { page: mei, room } = await host(left, server, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await sees(mei, 1);
  await shows(mei, '[data-control=host]');
  assert.equal(await jon.$('[data-control=host]'), null);
  await mei.reload();
  await mei.waitForSelector('[data-action=join]');
  await mei.click('[data-action=join]');
  await entered(mei);
  await shows(mei, '[data-control=host]');
  await until('Jon sees who is host', () => jon.$('.tile-host'));
  await closeAll(mei, jon);
});

test('a locked room says so to whoever comes, those inside stay, and it opens again', async () => {
  const { page: mei, room } = await host(left, server, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await sees(mei, 1);
  await mei.click('[data-control=host]');
  await mei.click('label:has(input[name=locked])');
  await until('Jon sees that it is locked', () => jon.$('.chip'));
  await mei.keyboard.press('Escape');
  const ada = await openLobby(right, server, room);
  await ada.click('[data-action=join]');
  await until('the third is told', async () => /locked this room/.test(await ada.textContent('.note-bad')));
  // Who is inside may come back through the lock.
  await jon.evaluate(() => window.beeline.room.interrupt());
  await until('Jon is back', () => jon.evaluate(() => window.beeline.room.phase === 'open'));
  await sees(mei, 1);
  await mei.click('[data-control=host]');
  await mei.click('label:has(input[name=locked])');
  await until('it is open', async () => (await jon.$('.chip')) === null);
  await ada.click('[data-action=join]');
  await entered(ada);
  await sees(mei, 2);
  await closeAll(mei, jon, ada);
});

test('a password is asked for, a wrong one is refused, the right one opens, and it can be taken away', async () => {
  const { page: mei, room } = await host(left, server, 'Mei');
  await mei.click('[data-control=host]');
  await mei.fill('input[name=room-password]', '蜂 bee 7');
  await mei.click('[data-action=set-password]');
  await mei.waitForSelector('[data-password=true]');
  const jon = await openLobby(right, server, room);
  await jon.fill('input[name=name]', 'Jon');
  await jon.click('[data-action=join]');
  await jon.waitForSelector('input[name=password]');
  await jon.fill('input[name=password]', '蜂 bee 8');
  await jon.click('[data-action=enter]');
  await until('the wrong one is refused', async () => /not the password/.test(await jon.textContent('.note-bad')));
  await jon.fill('input[name=password]', '蜂 bee 7');
  await jon.click('[data-action=enter]');
  await entered(jon);
  await mediaFlows(mei, 'Mei sees Jon');
  await mei.click('[data-action=clear-password]');
  await mei.waitForSelector('[data-password=false]');
  const ada = await join(right, server, room, 'Ada');
  await sees(mei, 2);
  await closeAll(mei, jon, ada);
});

test('a host removes one and hands the room to another', async () => {
  const { page: mei, room } = await host(left, server, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  const ada = await join(right, server, room, 'Ada');
  await sees(mei, 2);
  await mei.click('[data-control=people]');
  const row = (name) => `.person:has(.person-button:has-text("${name}"))`;
  await mei.click(`${row('Jon')} [data-action=remove]`);
  assert.equal((await sees(jon, 2)).people.length, 2, 'one press only asks');
  await mei.click(`${row('Jon')} [data-action=remove]`);
  await until('Jon reads that he was removed', async () => /You were removed/.test(await jon.textContent('.ended')));
  await sees(mei, 1);
  await mei.click(`${row('Ada')} [data-action=hand-over]`);
  await mei.click(`${row('Ada')} [data-action=hand-over]`);
  await ada.waitForSelector('[data-control=host]');
  await until('Mei is host no more', async () => (await mei.$('[data-control=host]')) === null);
  await closeAll(mei, jon, ada);
});

test('three in a meeting: three tiles and oneself, speaker view, and the same words on both sides of each link', async () => {
  const { page: mei, room } = await host(left, server, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await channelOpen(jon);
  await say(jon, 'said before Ada came');
  await until('Mei heard it', async () => (await heard(mei)).includes('said before Ada came'));
  const ada = await join(right, server, room, 'Ada', { locale: 'zh-TW' });
  for (const page of [mei, jon, ada]) await sees(page, 2);
  for (const page of [mei, jon, ada]) await channelOpen(page);
  await until('Ada is told what was said before', async () => (await heard(ada)).includes('said before Ada came'));
  assert.equal((await heard(ada)).filter((text) => text === 'said before Ada came').length, 1);
  await shows(mei, '.grid .tile', 3);
  await mei.click('[data-control=layout]');
  await shows(mei, '.focused .tile.on-stage');
  await mei.click('[data-control=layout]');
  const codes = (page) =>
    page.evaluate(() => Object.fromEntries(window.beeline.state.people.map(({ name, code }) => [name, code?.join(' ')])));
  await until('both ends of each link have the same code', async () => {
    const [ofMei, ofJon, ofAda] = await Promise.all([mei, jon, ada].map(codes));
    const met = ofMei.Jon && ofMei.Jon === ofJon.Mei && ofMei.Ada === ofAda.Mei && ofJon.Ada === ofAda.Jon && ofMei.Jon !== ofMei.Ada;
    return { met, ofMei, ofJon, ofAda };
  });
  const words = async (page, name) => {
    await page.click(`.tile[aria-label="${name}"] .badge`);
    await page.waitForSelector('.words');
    return page.$$eval('.words li', (items) => items.map((item) => item.textContent));
  };
  const [english, chinese] = [await words(mei, 'Ada'), await words(ada, 'Mei')];
  assert.equal(english.length, 4);
  assert.ok(english.every((word) => /^[a-z]+$/.test(word)), english.join());
  assert.ok(chinese.every((word) => /^\p{Script=Han}+$/u.test(word)), chinese.join());
  await closeAll(mei, jon, ada);
});

test('two who meet in a host\'s room talk as ever', async () => {
  const { page: mei, room } = await host(left, server, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await channelOpen(mei);
  await channelOpen(jon);
  await bothTalk(mei, jon, 'in a room with a host');
  await closeAll(mei, jon);
});
