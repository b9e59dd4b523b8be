// The guide's way to a browser, as it is printed there: the program of examples/manual.cc on one side, the snippet of
// docs/guide/library.md in a page on the other. BEELINE_MANUAL: the program.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser } from './harness/browser.mjs';
import { firefoxMissing, startFirefox } from './harness/firefox.mjs';

const top = fileURLToPath(new URL('../../', import.meta.url));
const manual = process.env.BEELINE_MANUAL ?? `${top}build/release/examples/example_manual`;
const missing = existsSync(manual) ? false : `${manual} is not built`;

/** The snippet of a guide with `offer` in it, as an expression that gives the answer and keeps what the page is told. */
function snippet(guide, offer) {
  const code = readFileSync(`${top}docs/guide/${guide}`, 'utf8').match(/```js\n(.*?)```/s)[1];
  const filled = code.replace(/`…[^`]*`/, JSON.stringify(offer));
  assert.notEqual(filled, code, 'there is a place for the offer');
  return `(async () => {
    window.said = [];
    const console = { log: (text) => window.said.push(text) };
    ${filled}
    return window.said[0];
  })()`;
}

async function meet(launch, guide) {
  const browser = await launch();
  const program = spawn(manual, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const page = await browser.page('about:blank');
    let printed = '';
    program.stdout.setEncoding('utf8').on('data', (text) => { printed += text; });
    const ended = new Promise((resolve) => program.once('exit', resolve));
    while (!printed.endsWith('\n\n')) await new Promise((resolve) => program.stdout.once('data', resolve));
    const answer = await page.evaluate(snippet(guide, printed.slice(0, -1)));
    printed = '';
    program.stdin.write(`${answer}\n`);
    assert.equal(await ended, 0);
    assert.equal(printed, 'heard: hello from the browser\n');
    assert.deepEqual(await page.evaluate('window.said.slice(1)'), ['hello from C++']);
  } finally {
    program.kill();
    await browser.close();
  }
}

test('the guide leads from a program to Chromium', { skip: missing, timeout: 60_000 }, () => meet(startBrowser, 'library.md'));
test('and in Chinese to Firefox', { skip: missing || firefoxMissing() || false, timeout: 60_000 }, () => meet(startFirefox, 'library.zh-TW.md'));
