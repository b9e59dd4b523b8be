// Names and texts are text, whatever they contain.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { channelOpen, entered, heard, host, join, newRoom, say, sees, until } from './harness/people.mjs';
import { PAYLOADS } from './harness/payloads.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
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

/** A few of each kind are enough where the places are many. */
const FEW = PAYLOADS.filter((payload) => [...payload.trim()].length <= 64 && !/[\u0000-\u001f\u007f-\u009f]/.test(payload)).filter((_, at) => at % 6 === 0);

test('hostile names and texts show as text in a conversation: heading, list, typing, bubbles', async () => {
  const { page: mei, link } = await host(left, server, 'Mei', { kind: 'messages' });
  const jon = await right.page(link);
  await jon.fill('input[name=name]', 'Jon');
  await jon.click('[data-action=join]');
  await entered(jon);
  await channelOpen(jon);
  await channelOpen(mei);
  for (const payload of FEW) {
    await jon.evaluate((name) => window.beeline.rename(name), payload);
    await until('the name is known', () => mei.evaluate((name) => window.beeline.state.people[0]?.name === name, payload.trim()));
    await jon.evaluate((text) => window.beeline.conversation.say(text), payload);
    await jon.evaluate(() => window.beeline.room.typing());
    await until(`${JSON.stringify(payload)} shows as text`, async () => {
      const shown = await mei.evaluate(() => ({
        heading: document.querySelector('.conversation-who h1')?.textContent,
        present: document.querySelector('[data-present]')?.textContent,
        list: document.querySelector('.conversation-title')?.textContent,
        last: document.querySelector('.conversation-last')?.textContent,
        typing: document.querySelector('.typing')?.textContent,
        bubble: [...document.querySelectorAll('.entry-text')].at(-1)?.textContent,
      }));
      const text = payload.trim();
      return { met: Object.values(shown).every((each) => each?.includes(text)), shown };
    });
  }
  for (const page of [mei, jon]) assert.deepEqual(await intruders(page), NONE);
  await Promise.all([mei.context().close(), jon.context().close()]);
});

test("a sender's hostile name shows as text in a live and in its inspector", async () => {
  const { page: mei, link } = await host(left, server, 'Mei', { kind: 'live' });
  const jon = await right.page(link);
  await entered(jon);
  await channelOpen(jon);
  await jon.click('.badge');
  await jon.click('[data-action=see-how]');
  for (const payload of FEW) {
    await mei.evaluate((name) => window.beeline.rename(name), payload);
    await until(`${JSON.stringify(payload)} shows as text`, async () => {
      const shown = await jon.evaluate(() => ({
        heading: document.querySelector('.call-room')?.textContent,
        panel: document.querySelector('.panel-head h2')?.textContent,
        nat: [...document.querySelectorAll('.nat h4')].at(-1)?.textContent,
      }));
      return { met: Object.values(shown).every((each) => each?.includes(payload.trim())), shown };
    });
  }
  for (const page of [mei, jon]) assert.deepEqual(await intruders(page), NONE);
  await Promise.all([mei.context().close(), jon.context().close()]);
});
