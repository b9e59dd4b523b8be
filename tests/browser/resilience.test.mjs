// What goes wrong in real rooms: both offer at once, a page reloads, a tab is duplicated, somebody vanishes, the
// signaling connection breaks. The roster must end right, and picture and sound must come back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './harness/browser.mjs';
import { bothTalk, channelOpen, devicesSettled, facts, join, mediaFlows, newRoom, roster, sees, until, WAIT_MS } from './harness/people.mjs';
import { scene } from './harness/scene.mjs';
import { startServer } from './harness/server.mjs';

let server, left, right, keep;
scene(async (keeper) => {
  keep = keeper;
  server = await keep(startServer());
  [left, right] = await Promise.all([keep(startBrowser()), keep(startBrowser())]);
});

async function pair() {
  const room = newRoom();
  const mei = await join(left, server, room, 'Mei');
  const jon = await join(right, server, room, 'Jon');
  return { room, mei, jon, close: () => Promise.all([mei.context().close(), jon.context().close()]) };
}

/** A pair in which the first to come, whose lines the other's offer makes, is the polite side, or is not: ids are drawn. */
async function pairWithPoliteFirst(polite) {
  for (let draw = 0; draw < 16; draw += 1) {
    const { mei, jon, close } = await pair();
    await sees(mei, 1);
    if ((await mei.evaluate(() => window.beeline.room.link(window.beeline.state.people[0].id).polite)) === polite) return { mei, jon, close };
    await close();
  }
  return assert.fail('sixteen draws came out the same way');
}

/** Makes both pages offer in the same moment: each waits for the same wall-clock instant. */
async function atOnce(pages, action) {
  const instant = Date.now() + 250;
  await Promise.all(
    pages.map((page) =>
      page.evaluate(
        async ([when, name]) => {
          await new Promise((resolve) => setTimeout(resolve, when - Date.now()));
          const session = window.beeline;
          const link = session.room.link(session.state.people[0].id);
          if (name === 'ice') link.connection.restartIce();
          else if (name === 'offer') link.connection.dispatchEvent(new Event('negotiationneeded'));
          else await link[name]();
        },
        [instant, action],
      ),
    ),
  );
}

async function settled(pages) {
  await until('both connections are stable and connected', async () => {
    const seen = await Promise.all(pages.map((page) => facts(page)));
    return { met: seen.every((each) => each?.state === 'connected' && each.signaling === 'stable'), seen };
  });
}

// Chromium never shows video again on lines that the other side's offer made once an offer was rolled back over them.
for (const polite of [true, false]) {
  test(`glare: both offer at once, several times and in several ways, and media goes on; ${polite ? 'who came first' : 'who came last'} is polite`, async () => {
    const { mei, jon, close } = await pairWithPoliteFirst(polite);
    await mediaFlows(mei, 'before');
    const connections = () => Promise.all([mei, jon].map((page) => page.evaluateHandle(() => window.beeline.room.link(window.beeline.state.people[0].id).connection)));
    const before = await connections();
    for (const action of ['offer', 'ice', 'offer', 'ice', 'restart', 'offer']) {
      await atOnce([mei, jon], action);
      await settled([mei, jon]);
    }
    await mediaFlows(mei, 'Mei after glare');
    await mediaFlows(jon, 'Jon after glare');
    await bothTalk(mei, jon, 'after glare');
    const after = await connections();
    for (const [at, page] of [mei, jon].entries()) {
      assert.ok(await page.evaluate(([a, b]) => a === b, [before[at], after[at]]), 'no connection was begun anew');
    }
    await close();
  });
}

test('a start where both begin offers: one offer wins and both lanes of media work', async () => {
  const { mei, jon, close } = await pair();
  await mediaFlows(mei, 'before');
  // Both throw their connection away and offer anew in the same moment: no earlier agreement is left to lean on.
  await atOnce([mei, jon], 'reset');
  await settled([mei, jon]);
  await mediaFlows(mei, 'Mei after both began');
  await mediaFlows(jon, 'Jon after both began');
  await channelOpen(mei);
  await bothTalk(mei, jon, 'after both began');
  await close();
});

test('a reset by one side only: the other obeys and both meet again', async () => {
  const { mei, jon, close } = await pair();
  await mediaFlows(mei, 'before');
  for (const page of [mei, jon]) {
    await page.evaluate(() => window.beeline.room.link(window.beeline.state.people[0].id).reset());
    await settled([mei, jon]);
    await mediaFlows(mei, 'Mei after a reset');
    await mediaFlows(jon, 'Jon after a reset');
  }
  await close();
});

test('a reload: the old member is gone at once, the new one is seen and heard', async () => {
  const { mei, jon, close } = await pair();
  await mediaFlows(mei, 'before');
  const [{ id: before }] = await roster(mei);
  await jon.reload();
  await until('the old Jon is gone', async () => {
    const people = await roster(mei);
    return { met: people.every(({ id }) => id !== before), people };
  }, 5_000);
  await jon.waitForSelector('[data-action=join]');
  await devicesSettled(jon);
  await jon.click('[data-action=join]');
  const { people } = await sees(mei, 1);
  assert.equal(people[0].name, 'Jon');
  await mediaFlows(mei, 'Mei after the reload');
  await mediaFlows(jon, 'Jon after the reload');
  await close();
});

test('a duplicated tab is a member of its own and does not take over the first', async () => {
  const { mei, jon, close } = await pair();
  await mediaFlows(mei, 'before');
  const copy = await right.duplicate(jon);
  await devicesSettled(copy);
  await copy.click('[data-action=join]');
  await sees(mei, 2);
  await sees(jon, 1 + 1);
  await sees(copy, 2);
  assert.equal((await facts(mei)).state, 'connected');
  await copy.close();
  await sees(mei, 1);
  await sees(jon, 1);
  await mediaFlows(mei, 'Mei after the copy closed');
  await mediaFlows(jon, 'Jon after the copy closed');
  await close();
});

test('the signaling connection breaks: the call goes on, the page says so, and nobody leaves', async () => {
  const { mei, jon, close } = await pair();
  await mediaFlows(mei, 'before');
  const [{ id }] = await roster(mei);
  await jon.evaluate(() => {
    window.phases = [];
    window.beeline.room.on('phase', (phase) => window.phases.push(phase));
    window.beeline.room.interrupt();
  });
  await until('Jon is connected again', async () => {
    const phases = await jon.evaluate(() => window.phases);
    return { met: phases.join() === 'reconnecting,open', phases };
  });
  const people = await roster(mei);
  assert.deepEqual(people.map((person) => person.id), [id]);
  await until('Jon is no longer away', async () => (await roster(mei)).every(({ away }) => !away));
  await mediaFlows(mei, 'Mei after the break');
  // What is negotiated after the resumption still arrives.
  await atOnce([mei, jon], 'restart');
  await settled([mei, jon]);
  await mediaFlows(jon, 'Jon after the break');
  await close();
});

test('a browser that is killed: its member is gone after the grace, and a new one gets media again', async () => {
  const victim = await startBrowser();
  await right.close();
  try {
    const room = newRoom();
    const mei = await join(left, server, room, 'Mei');
    const jon = await join(victim, server, room, 'Jon');
    await mediaFlows(mei, 'before');
    assert.equal(jon.isClosed(), false);
    await victim.kill();
    await until('Jon is away or gone', async () => (await roster(mei)).every(({ away }) => away));
    await sees(mei, 0, WAIT_MS + 15_000);
    await until('the page says that he is gone', () => mei.$('.alone'));
    right = await keep(startBrowser());
    const again = await join(right, server, room, 'Jon');
    const { people } = await sees(mei, 1);
    assert.equal(people[0].name, 'Jon');
    await mediaFlows(mei, 'Mei after the crash');
    await mediaFlows(again, 'Jon after the crash');
  } finally {
    await victim.kill();
  }
});
