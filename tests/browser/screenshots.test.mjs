// Pictures of lobby, call and path for people to look at, in both languages, sizes and lights; and what a machine can
// see by itself: nothing is wider than the screen, nothing is cut off, everything that is pressed is big enough.
// They go to build/screenshots, or to BEELINE_SHOTS.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join as path } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser, violations } from './harness/browser.mjs';
import { channelOpen, devicesSettled, join, mediaFlows, openLobby, say, until } from './harness/people.mjs';
import { startServer } from './harness/server.mjs';

const shots = process.env.BEELINE_SHOTS ?? fileURLToPath(new URL('../../build/screenshots', import.meta.url));
const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
const LOCALES = { en: 'en-US', 'zh-TW': 'zh-TW' };
// The same room each time, so that pictures of two versions can be compared.
const ROOM = 'beelinebeelinebeelinebeeli';

let server, left, right;
before(async () => {
  await mkdir(shots, { recursive: true });
  server = await startServer();
  [left, right] = await Promise.all([startBrowser(), startBrowser()]);
});
after(async () => {
  await Promise.all([left?.close(), right?.close()]);
  await server?.close();
});
afterEach(() => assert.deepEqual(violations.splice(0), []));

/** What is broken about the layout, in words. */
async function flaws(page) {
  return page.evaluate(() => {
    const found = [];
    const name = (each) => `${each.tagName.toLowerCase()}.${each.className || each.id} "${(each.textContent ?? '').trim().slice(0, 40)}"`;
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`);
    for (const each of document.querySelectorAll('button, a, label, h1, h2, p, dt, dd, input')) {
      const box = each.getBoundingClientRect();
      const hidden = box.width === 0 || getComputedStyle(each).opacity === '0' || each.closest('.unseen');
      if (hidden) continue;
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`outside the screen: ${name(each)}`);
      if (each.matches('button') && each.scrollWidth > each.clientWidth + 1) found.push(`cut off: ${name(each)}`);
      if (each.matches('button') && (box.height < 44 || box.width < 44)) found.push(`too small to touch: ${name(each)} ${box.width}x${box.height}`);
    }
    return found;
  });
}

async function shoot(page, name) {
  await page.screenshot({ path: path(shots, `${name}.png`) });
  assert.deepEqual(await flaws(page), [], name);
}

for (const [size, view] of Object.entries(SIZES)) {
  for (const [language, locale] of Object.entries(LOCALES)) {
    const named = (what) => `${what}-${size}-${language}`;

    for (const colorScheme of ['light', 'dark']) {
      test(`lobby, ${language}, ${size}, ${colorScheme}`, async () => {
        const page = await openLobby(left, server, ROOM, { ...view, locale, colorScheme });
        await devicesSettled(page);
        await page.fill('input[name=name]', language === 'zh-TW' ? '美玲' : 'Mei');
        await until('the preview plays', () => page.evaluate(() => (document.querySelector('.preview video')?.currentTime ?? 0) > 0.3));
        await shoot(page, named('lobby') + `-${colorScheme}`);
        await page.context().close();
      });
    }

    test(`call, path and timeline, ${language}, ${size}`, async () => {
      const colorScheme = size === 'desktop' ? 'light' : 'dark';
      const options = { ...view, locale, colorScheme };
      const mei = await join(left, server, ROOM, language === 'zh-TW' ? '美玲' : 'Mei', options);
      await shoot(mei, named('alone'));
      await mei.click('[data-action=invite]');
      await shoot(mei, named('invite'));
      await mei.keyboard.press('Escape');
      await mei.click('[data-control=settings]');
      await shoot(mei, named('settings'));
      await mei.keyboard.press('Escape');
      const jon = await join(right, server, ROOM, language === 'zh-TW' ? '志明' : 'Jon', { locale });
      await mediaFlows(mei, 'Mei sees Jon');
      await channelOpen(mei);
      await channelOpen(jon);
      await until('the badge shows numbers', async () => /ms/.test(await mei.textContent('.badge')));
      await shoot(mei, named('call'));
      await say(jon, language === 'zh-TW' ? '早安，聽得到我嗎？' : 'Good morning. Can you hear me?');
      await say(mei, language === 'zh-TW' ? '聽得很清楚，影像也很順。' : 'Loud and clear, and the picture is smooth.');
      await until('it was delivered', () => mei.$('.receipt[data-delivered]'));
      await shoot(mei, named('messages'));
      await mei.click('aside .panel-head button');
      await mei.click('.badge');
      await shoot(mei, named('path'));
      await mei.click('[data-action=see-how]');
      await until('both lanes are complete', async () => (await mei.$$('.step-mark.reached')).length === 12);
      await mei.locator('.timeline').scrollIntoViewIfNeeded();
      await mei.evaluate(() => document.querySelector('.timeline').scrollIntoView());
      await shoot(mei, named('timeline'));
      await mei.click('.lane-row:nth-child(2) .step-mark');
      await shoot(mei, named('timeline-lines'));
      await mei.context().close();
      await jon.context().close();
    });
  }
}

test('lobby of a person without devices', async () => {
  const none = await startBrowser({ media: 'none' });
  try {
    const page = await openLobby(none, server, ROOM, SIZES.phone);
    await until('the lobby says what is missing', () => page.$('[data-trouble]'));
    await shoot(page, 'no-devices-phone-en');
    await page.context().close();
  } finally {
    await none.close();
  }
});
