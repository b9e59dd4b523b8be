// The server under test: the one at BEELINE_URL, or the binary BEELINE_BIN, or what ./run built. It is started on free
// ports with its own data directory and ended by its own process id.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const READY_MS = 20_000;

function command(dataDirectory, port, { listen = '127.0.0.1', flags: more = [] }) {
  const binary = process.env.BEELINE_BIN ?? join(root, 'build/release/apps/beeline/beeline');
  const flags = [
    'serve', '--listen', listen, '--port', String(port), '--turn-port', '0', '--turns-port', '0',
    '--metrics', '127.0.0.1:0', '--data-dir', dataDirectory, '--json', ...more,
  ];
  return { binary, flags };
}

/**
 * Resolves to {http, https, authority, ready, metrics, close(), restart()}; restart() ends it as a crash does and starts it on
 * the same port. `where`: {namespace, listen, flags}, all of them optional.
 */
export async function startServer(where = {}) {
  if (process.env.BEELINE_URL) {
    const metrics = process.env.BEELINE_METRICS ?? null;
    return { http: process.env.BEELINE_URL.replace(/\/$/, ''), metrics, close: async () => {}, restart: null };
  }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'beeline-server-'));
  let run = await runServer(dataDirectory, 0, where);
  return {
    http: run.http,
    https: run.http.replace('http:', 'https:'),
    authority: join(dataDirectory, 'authority.pem'),
    ready: run.ready,
    metrics: run.metrics,
    close: async () => {
      await run.end('SIGTERM');
      await rm(dataDirectory, { recursive: true, force: true });
    },
    restart: async () => {
      await run.end('SIGKILL');
      run = await runServer(dataDirectory, new URL(run.http).port, where);
    },
  };
}

async function runServer(dataDirectory, port, where) {
  const { binary, flags } = command(dataDirectory, port, where);
  if (!existsSync(binary)) throw new Error(`no server: ${binary} does not exist; build it, or set BEELINE_BIN or BEELINE_URL`);
  const wrapper = where.namespace ? ['ip', 'netns', 'exec', where.namespace] : [];
  const [program, ...words] = [...wrapper, binary, ...flags];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  void exited.then(() => process.off('exit', endWithUs));
  const errors = [];
  child.stderr.on('data', (text) => errors.push(text.toString()));
  const end = async (signal) => {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(late);
  };
  const ready = await readyLine(child, exited, errors).catch(async (error) => {
    await end('SIGTERM');
    throw error;
  });
  const [http] = [ready.http, ...(ready.https ?? [])].filter(Boolean);
  return { http: http.replace(/\/$/, ''), metrics: ready.metrics ?? null, ready, end };
}

function readyLine(child, exited, errors) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server said nothing for ${READY_MS} ms`)), READY_MS);
    exited.then((code) => reject(new Error(`the server ended with ${code}: ${errors.join('')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      let message;
      try {
        message = JSON.parse(line);
      } catch {
        return;
      }
      if (message.event !== 'ready') return;
      clearTimeout(late);
      resolve(message);
    });
  });
}

/** The sum of a Prometheus counter over all label sets that contain `label`. */
export async function counter(server, name, label = '') {
  const text = await (await fetch(server.metrics)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => line.includes(label))
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/).pop()), 0);
}
