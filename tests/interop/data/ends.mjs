// The ends of a data call: ours, and foreign ones, all of the same kind: `say(object)`, `heard` (all objects so far),
// `until(what, predicate)`, `close()`.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fnv, w3cEnd } from './w3c_end.mjs';

const WAIT_MS = 20_000;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What all ends share: what was heard, and waiting for it. `to_other` gets descriptions and candidates. */
class End {
  constructor(name) {
    this.name = name;
    this.heard = [];
    this.watchers = new Set();
    this.signaled = [];
    this.carry = null;
  }

  /** Called by the concrete end for each object. */
  take(message) {
    if (message.type === 'description' || message.type === 'candidate') {
      if (this.carry) this.carry(message);
      else this.signaled.push(message);
    }
    this.heard.push(message);
    for (const watcher of [...this.watchers]) watcher();
  }

  /** From now on signaling goes to `other`, through `through` where given: (message, pass) => void. */
  signalTo(other, through = (message, pass) => pass(message)) {
    this.carry = (message) => through(message, (passed) => other.say(passed));
    for (const message of this.signaled.splice(0)) this.carry(message);
  }

  /** Resolves to the first truthy value of `predicate(heard)`. */
  until(what, predicate, ms = WAIT_MS) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const value = predicate(this.heard);
        if (!value) return false;
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve(value);
        return true;
      };
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        const last = this.heard.slice(-6).map((message) => JSON.stringify(message).slice(0, 160));
        reject(new Error(`${this.name}: ${what}: not within ${ms} ms; last heard\n  ${last.join('\n  ')}`));
      }, ms);
      if (!look()) this.watchers.add(look);
    });
  }
}

class ProcessEnd extends End {
  constructor(name, command, args) {
    super(name);
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.exited = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal)));
    createInterface({ input: this.child.stdout }).on('line', (line) => this.take(JSON.parse(line)));
    this.child.stdin.on('error', () => {});
  }
  say(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }
  /** Resolves to its exit code: 0, or something is wrong with it. */
  async close() {
    this.say({ type: 'end' });
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }
}

/** In this process, on an RTCPeerConnection of Node's. */
class LibraryEnd extends End {
  constructor(name, RTCPeerConnection) {
    super(name);
    this.hear = w3cEnd(RTCPeerConnection, { iceServers: [] }, (message) => this.take(message), fnv);
  }
  say(message) {
    this.hear(structuredClone(message));
  }
  async close() {
    await this.hear({ type: 'end' });
  }
}

/** In a page of a browser that somebody else starts and stops. */
class PageEnd extends End {
  static async make(name, page) {
    const end = new PageEnd(name);
    end.page = page;
    await page.evaluate(`(() => {
      ${fnv.toString().replace('export ', '')}
      ${w3cEnd.toString().replace('export ', '')}
      window.told = [];
      window.hear = w3cEnd(RTCPeerConnection, {iceServers: []}, (message) => window.told.push(message), fnv);
    })()`);
    end.polling = end.poll();
    return end;
  }
  async poll() {
    while (!this.closing) {
      const told = await this.page.evaluate(`new Promise((resolve) => {
        const until = performance.now() + 200;
        const look = () => (window.told.length || performance.now() > until ? resolve(window.told.splice(0)) : setTimeout(look, 2));
        look();
      })`).catch(() => []);
      for (const message of told) this.take(message);
    }
  }
  say(message) {
    this.page.evaluate(`void window.hear(${JSON.stringify(message)})`).catch(() => {});
  }
  async close() {
    this.closing = true;
    await this.page.evaluate("void window.hear({type: 'end'})").catch(() => {});
    await this.polling;
    await this.page.context?.().close?.();
  }
}

export const ours = (...flags) => new ProcessEnd('beeline', process.env.BEELINE_DATA_PEER, flags);

/** Each: {name, start(), stop(), end()}; `start` may throw: then why is said and all its cases are n/a. */
export function foreign(name) {
  switch (name) {
    case 'chromium': return browser(name, async () => (await import('../../browser/harness/browser.mjs')).startBrowser());
    case 'firefox': return browser(name, async () => (await import('../../browser/harness/firefox.mjs')).startFirefox());
    case 'libdatachannel': return library(name, async () => (await import('node-datachannel/polyfill')).RTCPeerConnection);
    case 'libwebrtc': return library(name, async () => (await import('@roamhq/wrtc')).default.RTCPeerConnection);
    case 'aiortc': return { name, start: async () => {}, stop: async () => {}, end: async () => new ProcessEnd(name, '/usr/bin/python3', ['-B', here('aiortc_end.py')]) };
    case 'pion': return { name, start: async () => {}, stop: async () => {}, end: async () => new ProcessEnd(name, process.env.BEELINE_PION_END, []) };
    case 'beeline': return { name, start: async () => {}, stop: async () => {}, end: async () => ours() };
    default: throw new Error(`there is no foreign end "${name}"`);
  }
}

function browser(name, launch) {
  let running;
  return {
    name,
    start: async () => { running = await launch(); },
    stop: async () => running?.close(),
    end: async () => PageEnd.make(name, await running.page('about:blank')),
  };
}

function library(name, load) {
  let RTCPeerConnection;
  return {
    name,
    start: async () => { RTCPeerConnection = await load(); },
    stop: async () => {},
    end: async () => new LibraryEnd(name, RTCPeerConnection),
  };
}
