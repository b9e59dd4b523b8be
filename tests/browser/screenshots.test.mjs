// Pictures of what people see: lobby, call, and the path with its timeline, in both languages, on desktop and phone.
// They are written to BEELINE_SHOTS (build/screenshots) for looking at; the test fails where a page is wider than its
// screen, because that is what a picture of a broken layout shows first.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join as path } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser, violations } from './harness/browser.mjs';
import { devicesSettled, join, mediaFlows, newRoom, openLobby, until } from './harness/people.mjs';
import { startServer } from './harness/server.mjs';

const folder = process.env.BEELINE_SHOTS ?? fileURLToPath(new URL('../../build/screenshots/', import.meta.url));
const SCREENS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const LANGUAGES = { en: 'en-US', 'zh-TW': 'zh-TW' };

let server, left, right;
before(async () => {
  await mkdir(folder, { recursive: true });
  server = await startServer();
  [left, right] = await Promise.all([startBrowser(), startBrowser()]);
});
after(async () => {
  await Promise.all([left?.close(), right?.close()]);
  await server?.close();
});
afterEach(() => assert.deepEqual(violations.splice(0), []));

async function shoot(page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than its screen`);
  await page.screenshot({ path: path(folder, `${name}.png`) });
}

for (const [screen, viewport] of Object.entries(SCREENS)) {
  for (const [language, locale] of Object.entries(LANGUAGES)) {
    test(`lobby, call and path: ${screen}, ${language}`, async () => {
      const look = { viewport, locale, hasTouch: screen === 'phone', isMobile: screen === 'phone' };
      const room = newRoom();
      for (const colorScheme of ['light', 'dark']) {
        const lobby = await openLobby(left, server, room, { ...look, colorScheme });
        await devicesSettled(lobby);
        await until('the preview shows a picture', () =>
          lobby.evaluate(() => [...document.querySelectorAll('video')].some((video) => video.videoWidth > 0)));
        await shoot(lobby, `lobby-${screen}-${language}-${colorScheme}`);
        await lobby.context().close();
      }
      const mei = await join(left, server, room, language === 'en' ? 'Mei' : '小梅', { ...look, colorScheme: 'dark' });
      const jon = await join(right, server, room, language === 'en' ? 'Jon' : '阿俊', { ...look, colorScheme: 'dark' });
      await mediaFlows(mei, 'the call is on');
      await shoot(mei, `call-${screen}-${language}`);
      await mei.click('.badge');
      await shoot(mei, `path-${screen}-${language}`);
      await mei.click('[data-action=see-how]');
      await until('the timeline is there', () => mei.$('.step-mark.reached'));
      await shoot(mei, `timeline-${screen}-${language}`);
      await mei.context().close();
      await jon.context().close();
    });
  }
}
