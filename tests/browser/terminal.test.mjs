// `beeline chat` in the browsers' rooms: it joins, connects and talks as a browser does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { channelOpen, heard, join, newRoom, roster, say, sees, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';
import { ping, startChat } from './harness/terminal.mjs';

let server, browser;
scene(async (keep) => {
  server = await keep(startServer());
  browser = await keep(startBrowser());
});

/** Both ways, each once, and the browser sees its second tick. */
async function bothTalk(page, chat) {
  await channelOpen(page);
  chat.say('hello from the terminal');
  await until('the page hears it once', async () => {
    const texts = await heard(page);
    return { met: texts.filter((text) => text === 'hello from the terminal').length === 1, texts };
  });
  await until('and says so', async () => chat.of('acknowledged').length === 1);
  await say(page, '你好 from the page');
  await until('the terminal hears it once', async () => {
    const texts = chat.of('text').map(({ name, text }) => `${name}: ${text}`);
    return { met: texts.filter((text) => text === 'Mei: 你好 from the page').length === 1, texts };
  });
  await until('the path is direct', async () => chat.of('path').some(({ path }) => path === 'direct'));
}

test('a terminal joins a browser: names are shown, messages go both ways, it leaves cleanly', async (t) => {
  const room = newRoom();
  const page = await join(browser, server, room, 'Mei');
  const chat = startChat(`${server.http}/#${room}`, 'server room');
  t.after(() => chat.close());
  await sees(page, 1);
  assert.equal((await roster(page))[0].name, 'server room');
  await until('the terminal knows Mei', async () => chat.of('joined').some(({ name }) => name === 'Mei'));
  await bothTalk(page, chat);
  assert.equal(await chat.end(), 0);
  await sees(page, 0);
  await page.context().close();
});

test('a browser joins a terminal, and the terminal is told when it leaves', async (t) => {
  const room = newRoom();
  const chat = startChat(`${server.http}/#${room}`, 'server room');
  t.after(() => chat.close());
  await until('it is in', async () => chat.of('entered').length === 1);
  const page = await join(browser, server, room, 'Mei');
  await sees(page, 1);
  await bothTalk(page, chat);
  await page.context().close();
  await until('the terminal is told', async () => chat.of('left').some(({ name }) => name === 'Mei'));
  assert.equal(await chat.end(), 0);
});

test('a page answers pings', async () => {
  const room = newRoom();
  const page = await join(browser, server, room, 'Mei');
  const events = await ping(`${server.http}/#${room}`, 3);
  const answered = events.filter(({ type }) => type === 'answered');
  assert.deepEqual(answered.map(({ name, number }) => `${name} ${number}`), ['Mei 1', 'Mei 2', 'Mei 3'], JSON.stringify(events));
  assert.ok(answered.every(({ round_trip_ms: took }) => took > 0 && took < 5_000));
  await page.context().close();
});

test('both stay together when the server restarts', async (t) => {
  const room = newRoom();
  const page = await join(browser, server, room, 'Mei');
  const chat = startChat(`${server.http}/#${room}`, 'server room');
  t.after(() => chat.close());
  await bothTalk(page, chat);
  await server.restart();
  await until('the terminal is back', async () => chat.of('reconnected').length === 1);
  await until('the page is back', () => page.evaluate(() => window.beeline.room.phase === 'open'));
  chat.say('after the restart');
  await until('the page hears it', async () => (await heard(page)).includes('after the restart'));
  await say(page, 'and back');
  await until('the terminal hears it', async () => chat.of('text').some(({ text }) => text === 'and back'));
  assert.deepEqual(chat.of('left'), []);
  await page.context().close();
});
