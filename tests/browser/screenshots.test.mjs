// Pictures of every screen for people to look at, in both languages, sizes and lights; and what a machine can
// see by itself: nothing is wider than the screen, nothing is cut off, everything that is pressed is big enough.
// They go to build/screenshots, or to BEELINE_SHOTS.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser } from './harness/browser.mjs';
import { channelOpen, devicesSettled, entered, host, join, mediaFlows, openLobby, say, sees, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
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
scene(async (keep) => {
  await mkdir(shots, { recursive: true });
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
});

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
      for (const part of ['matrix', 'nats', 'report']) {
        await mei.evaluate((name) => document.querySelector(`.${name}`).scrollIntoView(), part);
        await shoot(mei, named(part));
      }
      await mei.context().close();
      await jon.context().close();
    });

    test(`meeting of four with its host's controls, and the question for a password, ${language}, ${size}`, async () => {
      const options = { ...view, locale, colorScheme: size === 'desktop' ? 'dark' : 'light' };
      const chinese = language === 'zh-TW';
      const { page: mei, room } = await host(left, server, chinese ? '美玲' : 'Mei', options);
      const others = [];
      for (const name of chinese ? ['志明', '雅婷', '小華'] : ['Jon', 'Ada', 'Lin']) others.push(await join(right, server, room, name, { locale }));
      await sees(mei, 3);
      await channelOpen(mei);
      await until('every tile plays', () =>
        mei.$$eval('.tile video', (videos) => videos.length === 4 && videos.every(({ currentTime }) => currentTime > 0.3)));
      await shoot(mei, named('meeting-of-four'));
      await mei.evaluate(() => window.beeline.prefer({ layout: 'speaker' }));
      await mei.waitForSelector('.focused .tile.on-stage');
      await shoot(mei, named('speaker'));
      await mei.click('[data-control=people]');
      await shoot(mei, named('people'));
      await mei.click('aside .panel-head button');
      await mei.click('[data-control=host]');
      await mei.fill('input[name=room-password]', 'beeline');
      await mei.click('[data-action=set-password]');
      await mei.waitForSelector('[data-password=true]');
      await shoot(mei, named('host'));
      for (const page of others) await page.context().close();
      const late = await openLobby(right, server, room, { ...view, locale });
      await late.click('[data-action=join]');
      await late.waitForSelector('input[name=password]');
      await shoot(late, named('password'));
      for (const page of [mei, late]) await page.context().close();
    });

    test(`front page, ${language}, ${size}`, async () => {
      const page = await left.page(server.http, { ...view, locale });
      await devicesSettled(page);
      await shoot(page, named('front'));
      await page.context().close();
    });

    test(`live, as its sender and as a watcher, ${language}, ${size}`, async () => {
      const chinese = language === 'zh-TW';
      const options = { ...view, locale };
      const lobby = await left.page(server.http, options);
      await lobby.click('[data-kind=live]');
      await devicesSettled(lobby);
      await shoot(lobby, named('live-lobby'));
      await lobby.context().close();
      const { page: mei, link } = await host(left, server, chinese ? '美玲' : 'Mei', { kind: 'live', ...options });
      const jon = await right.page(link, { ...options, colorScheme: 'dark' });
      await entered(jon);
      await until('it plays', () => jon.evaluate(() => (document.querySelector('.live-stage video')?.currentTime ?? 0) > 0.3));
      await channelOpen(jon);
      await jon.fill('input[name=name]', chinese ? '志明' : 'Jon');
      await jon.press('input[name=name]', 'Enter');
      await say(jon, chinese ? '畫面很清楚，大家好！' : 'Clear picture. Hello everybody.');
      await say(mei, chinese ? '歡迎，馬上開始。' : 'Welcome. We begin in a minute.');
      await shoot(mei, named('live-sender'));
      await shoot(jon, named('live-watcher'));
      await mei.context().close();
      await until('it is over', () => jon.$('[data-live=waiting]'));
      await shoot(jon, named('live-waiting'));
      await jon.context().close();
    });

    test(`messages, ${language}, ${size}`, async () => {
      const chinese = language === 'zh-TW';
      const options = { ...view, locale };
      const { page: mei, link } = await host(left, server, chinese ? '美玲' : 'Mei', { kind: 'messages', ...options });
      await shoot(mei, named('messages-empty'));
      await say(mei, chinese ? '早！照片我等一下傳。' : 'Morning. I send the picture in a moment.');
      const jon = await right.page('about:blank', { locale });
      await jon.addInitScript((stored) => localStorage.setItem('beeline.preferences', stored), JSON.stringify({ name: chinese ? '志明' : 'Jon' }));
      await jon.goto(link);
      await entered(jon);
      await channelOpen(mei);
      await say(jon, chinese ? '好，昨天的會議紀錄也一起傳嗎？' : 'Good. The minutes of yesterday too?');
      const picture = await jon.screenshot({ clip: { x: 0, y: 0, width: 480, height: 320 } });
      await mei.setInputFiles('input[name=files]', [
        { name: chinese ? '畫面.png' : 'screen.png', mimeType: 'image/png', buffer: picture },
        { name: chinese ? '會議紀錄.pdf' : 'minutes.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(48_213) },
      ]);
      await until('both arrived', async () => (await jon.$$('[data-file=done]')).length === 2);
      await say(jon, chinese ? '收到了，謝謝。' : 'Got both, thanks.');
      await jon.fill('textarea[name=message]', '…');
      await until('she sees him type', () => mei.$('.typing'));
      await shoot(mei, named('messages-page'));
      await mei.evaluate(() => window.beeline.toConversations());
      await mei.waitForSelector('.lobby-messages .conversation');
      await shoot(mei, named('messages-lobby'));
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
