// A real Firefox ESR over WebDriver BiDi, behind the few methods of a page that people.mjs uses, so that the same
// steps run in both browsers.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { trustAuthority } from './authority.mjs';
import { violations } from './browser.mjs';

const executable = process.env.BEELINE_FIREFOX ?? '/usr/bin/firefox-esr';
const WAIT_MS = 30_000;

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  // The servers of these tests live on this machine.
  'media.peerconnection.ice.loopback': true,
  'network.proxy.type': 0,
  // Nothing leaves the machine that is not the test's.
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.region.network.url': '',
  'browser.shell.checkDefaultBrowser': false,
  'captivedetect.canonicalURL': '',
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.url': '',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': '',
  'toolkit.telemetry.enabled': false,
};

/** Why Firefox cannot be started here; null where it can. */
export function firefoxMissing() {
  try {
    execFileSync(executable, ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return `${executable} is not installed`;
  }
}

/** Resolves to {page(url, options), close()}. `authority`: a PEM file whose certificates it trusts. */
export async function startFirefox({ authority } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'beeline-firefox-'));
  if (authority) await trustAuthority(profile, authority);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: executable,
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: PREFERENCES,
    timeout: WAIT_MS,
  });
  return {
    async page(url, options = {}) {
      const context = await browser.createBrowserContext();
      const page = new FirefoxPage(await context.newPage(), context);
      if (options.viewport) await page.inner.setViewport(options.viewport);
      await page.goto(url);
      return page;
    },
    async close() {
      await browser.close().catch(() => {});
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => {});
    },
  };
}

class FirefoxPage {
  constructor(inner, context) {
    this.inner = inner;
    this.inner.setDefaultTimeout(WAIT_MS);
    this.keyboard = inner.keyboard;
    this.context = () => context;
    inner.on('pageerror', (error) => violations.push(`uncaught: ${error.stack ?? error}`));
    inner.on('console', (message) => {
      if (/Content-Security-Policy/i.test(message.text())) violations.push(`CSP: ${message.text()}`);
    });
  }

  goto(url) {
    return this.inner.goto(url, { waitUntil: 'domcontentloaded' });
  }

  addInitScript(script, argument) {
    return this.inner.evaluateOnNewDocument(script, argument);
  }

  evaluate(body, argument) {
    return this.inner.evaluate(body, argument);
  }

  waitForSelector(selector, options) {
    return this.inner.waitForSelector(selector, options);
  }

  $(selector) {
    return this.inner.$(selector);
  }

  $$eval(selector, body) {
    return this.inner.$$eval(selector, body);
  }

  async click(selector) {
    await this.inner.locator(selector).click();
  }

  async fill(selector, text) {
    await this.inner.locator(selector).fill(text);
  }

  async press(selector, key) {
    await this.inner.focus(selector);
    await this.inner.keyboard.press(key);
  }

  async textContent(selector) {
    await this.inner.waitForSelector(selector);
    return this.inner.$eval(selector, (element) => element.textContent);
  }

  async getAttribute(selector, name) {
    await this.inner.waitForSelector(selector);
    return this.inner.$eval(selector, (element, wanted) => element.getAttribute(wanted), name);
  }
}
