// Names and texts are text, whatever they contain.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { closePages, startBrowser, violations } from './harness/browser.mjs';
import { channelOpen, heard, join, newRoom, say, sees, until } from './harness/people.mjs';
import { PAYLOADS } from './harness/payloads.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
before(async () => {
  server = await startServer();
  [left, right] = await Promise.all([startBrowser(), startBrowser()]);
});
after(async () => {
  await Promise.all([left?.close(), right?.close()]);
  await server?.close();
});
afterEach(async () => {
  await closePages();
  assert.deepEqual(violations.splice(0), []);
});

/** Elements that no text of ours makes, and the flag that every payload tries to set. */
const intruders = (page) =>
  page.evaluate(() => ({
    flag: window.hacked ?? null,
    elements: document.querySelectorAll('#app script, #app iframe, #app img, #app object, #app embed, #app math, #app base, #app link, #app meta, #app style, #app marquee').length,
    handlers: [...document.querySelectorAll('#app *')].filter((each) => [...each.attributes].some(({ name }) => name.startsWith('on'))).length,
    scriptLinks: [...document.querySelectorAll('#app a')].filter(({ protocol }) => !/^https?:$/.test(protocol)).length,
  }));
const NONE = { flag: null, elements: 0, handlers: 0, scriptLinks: 0 };

test(`${PAYLOADS.length} hostile texts show as text and run nothing`, async () => {
  assert.ok(PAYLOADS.length >= 50);
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await channelOpen(mei);
  await channelOpen(jon);
  for (const payload of PAYLOADS) await say(mei, payload);
  await until('every text arrives as it was sent', async () => {
    const texts = await heard(jon);
    const missing = PAYLOADS.filter((payload) => !texts.includes(payload.trim()));
    return { met: missing.length === 0 && texts.length === PAYLOADS.length, missing, count: texts.length };
  });
  for (const page of [mei, jon]) assert.deepEqual(await intruders(page), NONE);
  await mei.context().close();
  await jon.context().close();
});

test('hostile names show as text on tiles, in the list of people, in messages and in notices', async () => {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  await channelOpen(mei);
  await mei.click('[data-control=people]');
  const fitting = PAYLOADS.filter((payload) => [...payload.trim()].length <= 64 && !/[\u0000-\u001f\u007f-\u009f]/.test(payload));
  assert.ok(fitting.length >= 30, `only ${fitting.length} payloads fit into a name`);
  for (const payload of fitting) {
    await jon.evaluate((name) => window.beeline.rename(name), payload);
    await until(`the name ${JSON.stringify(payload)} shows as text`, async () => {
      const shown = await mei.evaluate(() => [
        document.querySelector('.tile:not(.self) .tile-name')?.textContent,
        document.querySelector('.person-button .person-name')?.textContent,
      ]);
      return { met: shown.every((each) => each === payload.trim()), shown };
    });
  }
  await say(jon, 'my name is odd');
  await until('the text arrives', async () => (await heard(mei)).includes('my name is odd'));
  for (const page of [mei, jon]) assert.deepEqual(await intruders(page), NONE);
  await jon.context().close();
  await sees(mei, 0);
  assert.deepEqual(await intruders(mei), NONE);
  await mei.context().close();
});
