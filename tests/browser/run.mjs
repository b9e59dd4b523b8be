// Runs the browser tests one file after the other (two browser processes at a time are enough for two processors),
// prints one line per test and ends with one summary line. Arguments choose files: `node run.mjs meeting relay`.

import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)))
  .map((name) => here + name);

const count = { passed: 0, failed: 0, skipped: 0 };
const FILE_MS = 600_000;

function report({ name, skip, details, file }, ok) {
  // A file that fails before its first test is reported under its own name, and one that passes is no test.
  if (name === file && ok) return;
  const seconds = (details.duration_ms / 1000).toFixed(1);
  if (skip !== undefined) {
    count.skipped += 1;
    console.log(`skip  ${name}: ${skip}`);
  } else if (ok) {
    count.passed += 1;
    console.log(`ok    ${name} (${seconds} s)`);
  } else {
    count.failed += 1;
    console.log(`FAIL  ${name} (${seconds} s)\n      ${String(details.error?.cause?.stack ?? details.error).replaceAll('\n', '\n      ')}`);
  }
}

if (files.length === 0) {
  console.error(`no test file starts with ${wanted.join(' or ')}`);
  process.exit(2);
}
const stream = run({ files, concurrency: 1, timeout: FILE_MS });
stream.on('test:pass', (event) => report(event, true));
stream.on('test:fail', (event) => report(event, false));
stream.on('test:diagnostic', ({ message }) => {
  if (!/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(message)) console.log(`      ${message}`);
});
stream.on('end', () => {
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
});
stream.resume();
