// A conversation without a camera: presence, typing, ticks, pictures and files, what was missed, what is kept.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { PAYLOADS } from './harness/payloads.mjs';
import { channelOpen, entered, heard, host, say, until } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right;
scene(async (keep) => {
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser({ media: 'none' })), keep(startBrowser({ media: 'none' }))]);
});

/** A picture of one pixel that every browser decodes. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

async function visit(link, name) {
  const page = await right.page('about:blank');
  await page.addInitScript((stored) => {
    if (!localStorage.getItem('beeline.preferences')) localStorage.setItem('beeline.preferences', stored);
  }, JSON.stringify({ name }));
  await page.goto(link);
  await entered(page);
  return page;
}

async function conversation() {
  const { page: mei, link } = await host(left, server, 'Mei', { kind: 'messages' });
  const jon = await visit(link, 'Jon');
  await channelOpen(mei);
  await channelOpen(jon);
  return { mei, jon, link, close: () => Promise.all([mei.context().close(), jon.context().close()]) };
}

const send = (page, ...files) => page.setInputFiles('input[name=files]', files);
const arrived = (page, name) =>
  until(`${name} arrived`, () => page.$(`.entry:not(.mine) [data-file=done]:has(.file-name:text-is(${JSON.stringify(name)}))`));


test('presence, typing and ticks', async () => {
  const { mei, jon, close } = await conversation();
  await until('Mei sees Jon here', async () => /Jon here/.test(await mei.textContent('[data-present="1"]')));
  await jon.fill('textarea[name=message]', 'h');
  await until('Mei sees him type', async () => /Jon typing/.test(await mei.textContent('.typing')));
  await say(jon, 'hello');
  await until('it arrives', async () => (await heard(mei)).includes('hello'));
  await until('he has stopped typing', async () => (await mei.$('.typing')) === null);
  await until('Jon sees both ticks', () => jon.$('.tick[data-delivered="1"]'));
  await close();
});

test('pictures are seen, files are whole, several at once, and an SVG is never shown', async () => {
  const { mei, jon, close } = await conversation();
  const big = randomBytes(3_000_000);
  await send(mei, { name: 'dot.png', mimeType: 'image/png', buffer: PNG }, { name: 'big.bin', mimeType: 'application/octet-stream', buffer: big });
  await arrived(jon, 'dot.png');
  await until('the picture is drawn', async () => (await jon.$eval('.picture', ({ naturalWidth }) => naturalWidth)) === 1);
  await arrived(jon, 'big.bin');
  const moved = await jon.evaluate(() => window.beeline.conversation.state.entries.find(({ file }) => file?.name === 'big.bin').file.moved);
  assert.equal(moved, big.length);
  const download = jon.waitForEvent('download');
  await jon.click('.file:has(.file-name:text-is("big.bin")) a');
  const saved = await (await download).createReadStream();
  const hash = createHash('sha256');
  for await (const piece of saved) hash.update(piece);
  assert.equal(hash.digest('hex'), createHash('sha256').update(big).digest('hex'));
  await until('the sender knows', async () => (await mei.$$('.mine [data-file=done]')).length === 2);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=1"><script>window.hacked=1</script></svg>');
  await send(jon, { name: 'x.svg', mimeType: 'image/svg+xml', buffer: svg });
  await arrived(mei, 'x.svg');
  assert.equal(await mei.$('.file:has(.file-name:text-is("x.svg")) img'), null);
  await close();
});

test('a file is cancelled on its way, and the other side is told', async () => {
  const { mei, jon, close } = await conversation();
  // Made in the page, because so much would take the harness long; cancelled at once, because loopback is fast.
  await mei.evaluate(() => {
    window.beeline.conversation.sendFiles([new File([new Uint8Array(60_000_000)], 'long.bin')]);
    requestAnimationFrame(function cancel() {
      const button = document.querySelector('.mine [data-file=moving] button');
      if (button) button.click();
      else requestAnimationFrame(cancel);
    });
  });
  for (const page of [mei, jon]) await until('both know', () => page.$('[data-file=failed]'));
  assert.match(await mei.textContent('.file-trouble'), /Cancelled/);
  await say(mei, 'and the conversation goes on');
  await until('it does', async () => (await heard(jon)).includes('and the conversation goes on'));
  await close();
});

test('what was missed is handed over, what was said is kept, and it can be deleted', async () => {
  const { page: mei, link } = await host(left, server, 'Mei', { kind: 'messages' });
  await say(mei, 'written while nobody was here');
  await until('it waits', () => mei.$('.tick[data-delivered="0"]'));
  const jon = await visit(link, 'Jon');
  await until('Jon gets it', async () => (await heard(jon)).includes('written while nobody was here'));
  await until('Mei sees that', () => mei.$('.tick[data-delivered="1"]'));
  await send(mei, { name: 'dot.png', mimeType: 'image/png', buffer: PNG });
  await arrived(jon, 'dot.png');
  await jon.reload();
  await entered(jon);
  await until('Jon still has both', async () => {
    const texts = await heard(jon);
    return { met: texts.join() === 'written while nobody was here' && !!(await jon.$('.picture')), texts };
  });
  await jon.hover('.conversation');
  await jon.click('.conversation > .round');
  await until('nothing is left', async () => (await jon.$('.entry')) === null && (await jon.$('.conversation')) === null);
  await mei.context().close();
  await jon.context().close();
});

test('a page in the background notifies, and one that is looked at does not', async () => {
  const { mei, jon, close } = await conversation();
  await mei.evaluate(() => {
    window.notified = [];
    window.Notification = class {
      static permission = 'granted';
      constructor(title, { body }) {
        window.notified.push(`${title}: ${body}`);
      }
      close() {}
    };
  });
  await say(jon, 'you are looking');
  await until('it arrives', async () => (await heard(mei)).includes('you are looking'));
  await mei.evaluate(() => Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }));
  await say(jon, 'you are elsewhere');
  await until('it notifies', () => mei.evaluate(() => window.notified.join() === 'Jon: you are elsewhere'));
  await until('the title counts', async () => (await mei.title()).startsWith('(1) '));
  await mei.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await until('it is read', async () => !(await mei.title()).startsWith('('));
  await close();
});

test('hostile file names show as text and run nothing', async () => {
  const { mei, jon, close } = await conversation();
  const names = PAYLOADS.filter((name) => name.trim() !== '' && !/[\\/:\u0000-\u001f]/.test(name)).slice(0, 20);
  for (const name of names) await send(mei, { name, mimeType: 'text/html', buffer: Buffer.from('<script>window.hacked=1</script>') });
  await until('all arrive', async () => {
    const shown = await jon.$$eval('.entry:not(.mine) [data-file=done] .file-name', (all) => all.map(({ textContent }) => textContent));
    return { met: names.every((name) => shown.includes(name)), shown };
  });
  for (const page of [mei, jon]) assert.equal(await page.evaluate(() => window.hacked ?? null), null);
  assert.equal(await jon.$eval('.file a', ({ download, protocol }) => `${protocol} ${download !== ''}`), 'blob: true');
  await close();
});

test('more than 64 MB is refused before anything is sent', async () => {
  const { mei, jon, close } = await conversation();
  await mei.evaluate(() => {
    const parts = Array.from({ length: 65 }, () => new Uint8Array(1024 * 1024));
    window.beeline.conversation.sendFiles([new File(parts, 'huge.bin')]);
  });
  await until('Mei is told', async () => /at most 64 MB/.test(await mei.textContent('.file-trouble')));
  assert.equal(await jon.$('[data-file]'), null);
  await close();
});
