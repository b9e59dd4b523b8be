// The server's own certificate authority, put where a person would put it: into the browser's store. No test tells a
// browser to ignore certificates.

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes the NSS database in `folder` trust the authority in that PEM file; both browsers keep theirs so. */
export async function trustAuthority(folder, pemFile) {
  await mkdir(folder, { recursive: true });
  await run('certutil', ['-d', `sql:${folder}`, '-N', '--empty-password']);
  await run('certutil', ['-d', `sql:${folder}`, '-A', '-n', 'Beeline', '-t', 'C,,', '-i', pemFile]);
}
