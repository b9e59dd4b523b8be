// Real Chromium processes with fake camera and microphone, each with a fresh profile, and the page errors and CSP
// violations of everything they open.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { trustAuthority } from './authority.mjs';

const executable = process.env.BEELINE_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--auto-select-desktop-capture-source=Entire screen',
  '--remote-debugging-port=0',
];
const START_MS = 30_000;

/** What no page may ever do; every test ends by asserting that this stayed empty. */
export const violations = [];

/** Processes that must not outlive this one, also when it is killed: a browser nobody closes works on for ever. */
const running = new Set();
process.once('exit', () => running.forEach(killGroup));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

const contexts = new Set();

/** Closes what a test that failed left open: its pages would slow the next ones down, and fail them too. */
export async function closePages() {
  await Promise.all([...contexts].map((context) => context.close().catch(() => {})));
  contexts.clear();
}

/** What becomes of a page's wish for camera and microphone. */
const MEDIA = {
  allow: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  deny: ['--use-fake-device-for-media-stream', '--deny-permission-prompts'],
  none: ['--use-fake-ui-for-media-stream'],
};

/**
 * Starts one browser process. `media` is one of MEDIA; 'none' has no devices at all. `authority`: a PEM file whose
 * certificates it trusts, from the store of a home directory of its own. `namespace`: the network namespace it is in.
 * Resolves to {pid, page(url, options), close(), kill()}.
 */
export async function startBrowser({ media = 'allow', flags = [], authority, namespace } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'beeline-browser-'));
  if (authority) await trustAuthority(join(profile, '.pki/nssdb'), authority);
  const wrapper = namespace ? ['ip', 'netns', 'exec', namespace] : [];
  const words = [...wrapper, executable, ...FLAGS, ...MEDIA[media], ...flags, `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(words[0], words.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: authority ? { ...process.env, HOME: profile } : process.env,
  });
  running.add(child.pid);
  const exited = new Promise((resolve) => child.once('exit', resolve)).then(() => running.delete(child.pid));
  const inside = await debuggingEndpoint(child);
  const { endpoint, tunnel } = namespace ? await tunnelTo(inside, namespace, profile) : { endpoint: inside };
  const browser = await chromium.connectOverCDP(endpoint);
  const removeProfile = () => rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => {});
  return {
    pid: child.pid,
    async page(url, options = {}) {
      const context = await browser.newContext({ locale: 'en-US', ...options });
      contexts.add(context);
      const page = await context.newPage();
      watch(page);
      await page.goto(url);
      return page;
    },
    /** Another tab of the same profile and storage as `page`. */
    async duplicate(page) {
      const copy = await page.context().newPage();
      watch(copy);
      await copy.goto(page.url());
      return copy;
    },
    async close() {
      await browser.close().catch(() => {});
      tunnel?.();
      killGroup(child.pid);
      await exited;
      await removeProfile();
    },
    /** As a crash: no goodbye, no close frame. */
    async kill() {
      killGroup(child.pid);
      await exited;
      await browser.close().catch(() => {});
      tunnel?.();
      await removeProfile();
    },
  };
}

/** Chromium is several processes; they share the group that we made for them. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // already gone
  }
}

/** A way into the namespace for the debugging connection alone: the pages must not find a network there that is none. */
async function tunnelTo(endpoint, namespace, folder) {
  const url = new URL(endpoint);
  const path = join(folder, 'tunnel');
  const forward = `require('net').createServer((one) => {
    const other = require('net').connect(${url.port}, '127.0.0.1');
    for (const [from, to] of [[one, other], [other, one]]) from.on('error', () => to.destroy()).pipe(to);
  }).listen('${path}', () => console.log('ready'))`;
  const inner = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', forward], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  running.add(inner.pid);
  await new Promise((resolve) => inner.stdout.once('data', resolve));
  const outer = createServer((one) => {
    const other = connect(path);
    for (const [from, to] of [[one, other], [other, one]]) from.on('error', () => to.destroy()).pipe(to);
  });
  await new Promise((resolve) => outer.listen(0, '127.0.0.1', resolve));
  url.port = String(outer.address().port);
  return {
    endpoint: url.href,
    tunnel: () => {
      outer.close();
      killGroup(inner.pid);
      running.delete(inner.pid);
    },
  };
}

function debuggingEndpoint(child) {
  return new Promise((resolve, reject) => {
    let seen = '';
    const late = setTimeout(() => reject(new Error(`chromium did not start: ${seen}`)), START_MS);
    child.stderr.on('data', (text) => {
      seen = (seen + text).slice(-20_000);
      const found = /DevTools listening on (ws:\S+)/.exec(seen);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1]);
    });
  });
}

function watch(page) {
  page.on('console', (message) => {
    const text = message.text();
    if (/Content.Security.Policy|Refused to (load|execute|apply|connect)|violates the following/i.test(text)) {
      violations.push(`CSP: ${text}`);
    }
  });
  page.on('pageerror', (error) => violations.push(`uncaught: ${error.stack ?? error}`));
  page.on('dialog', (dialog) => {
    violations.push(`a script opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  void page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`violates the following: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}
