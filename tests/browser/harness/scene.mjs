// What every file of browser tests does around its tests: it starts a server and browsers, keeps an eye on the pages, and
// ends what it started.

import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { closePages, violations } from './browser.mjs';

/**
 * `start(keep)` runs before the first test; what it gives to keep(), a promise of something with close(), is closed after
 * the last one, the newest first. After each test all pages are closed, and none may have broken the rules of `violations`.
 * keep() may be used later as well, for what a test starts and the next ones use too.
 */
export function scene(start) {
  const kept = [];
  const keep = async (starting) => {
    const thing = await starting;
    kept.unshift(thing);
    return thing;
  };
  before(() => start(keep));
  after(async () => {
    for (const thing of kept) await thing.close();
  });
  afterEach(async () => {
    await closePages();
    assert.deepEqual(violations.splice(0), []);
  });
}
