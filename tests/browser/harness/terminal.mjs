// `beeline chat` and `beeline ping` processes in a room: what they are told, what they say.

import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const binary = process.env.BEELINE_BIN ?? join(root, 'build/release/apps/beeline/beeline');

/** Resolves to what `beeline ping` said, once `count` of them were answered or not. */
export function ping(link, count) {
  const words = ['ping', link, '--json', '--count', String(count), '--interval', '200'];
  return new Promise((resolve) => {
    execFile(binary, words, { timeout: 60_000 }, (_error, output) =>
      resolve(output.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line))),
    );
  });
}

/** A chat: `events` grows with each line of JSON that the process says; `say(line)` types one. */
export function startChat(link, name, flags = []) {
  const child = spawn(binary, ['chat', link, '--name', name, '--json', ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const events = [];
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  const exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  void exited.then(() => process.off('exit', endWithUs));
  return {
    events,
    of: (type) => events.filter((event) => event.type === type),
    say: (line) => child.stdin.write(`${line}\n`),
    /** No more input; resolves to the exit code. */
    end: () => {
      child.stdin.end();
      return exited;
    },
    close: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
