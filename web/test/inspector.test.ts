// The inspector's judgements: why a pair lost, what a router does, what another network would allow, what a report hides.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointText } from '../sdk/src/address.ts';
import type { CandidateFacts } from '../sdk/src/explain.ts';
import type { LinkStats, PairFacts } from '../sdk/src/link_stats.ts';
import { maskAddresses } from '../sdk/src/masking.ts';
import { natOf } from '../sdk/src/nat_view.ts';
import { cellOf } from '../sdk/src/pair_matrix.ts';
import { serversUnder } from '../sdk/src/what_if.ts';
import { reportPage } from '../app/src/model/report_page.ts';

function candidate(id: string, type: string, address?: string, more: Partial<CandidateFacts> = {}): CandidateFacts {
  return { id, type, protocol: 'udp', port: 5000, ...(address && { address }), ...more };
}

function pair(localId: string, remoteId: string, state: string, selected = false): PairFacts {
  return { id: `${localId}-${remoteId}`, localId, remoteId, state, selected, bytesSent: 0, bytesReceived: 0 };
}

function stats(local: CandidateFacts[], remote: CandidateFacts[], pairs: PairFacts[]): LinkStats {
  return {
    atMs: 0, bitsPerSecondUp: 0, bitsPerSecondDown: 0, bytesSent: 0, bytesReceived: 0, pairs,
    localCandidates: local, remoteCandidates: remote, framesDecoded: 0, totalAudioEnergy: 0, audioLevel: 0,
  };
}

test('each cell of the matrix says what became of the pair', () => {
  const host = candidate('l1', 'host', '10.0.0.2');
  const relay = candidate('l2', 'relay', '9.9.9.9', { relayProtocol: 'udp' });
  const theirs = [candidate('r1', 'host', '10.0.0.3'), candidate('r2', 'srflx', '8.8.4.4'), candidate('r3', 'relay', '9.9.9.8')];
  const all = stats([host, relay], theirs, [
    pair('l1', 'r1', 'succeeded', true), pair('l1', 'r2', 'failed'), pair('l1', 'r3', 'succeeded'), pair('l2', 'r1', 'in-progress'),
  ]);
  const cells = theirs.map((remote) => cellOf(all, host, remote));
  assert.deepEqual(cells.map(({ mark, reason }) => `${mark} ${reason}`), ['direct in_use', 'failed no_answer', 'relayed slower_path']);
  assert.deepEqual(cellOf(all, relay, theirs[0]!), { mark: 'looking', reason: 'waiting' });
});

test('a pair that was never made says why not', () => {
  const why = (local: CandidateFacts, remote: CandidateFacts) => cellOf(stats([local], [remote], []), local, remote).reason;
  const tcp = { protocol: 'tcp' };
  assert.equal(why(candidate('l', 'host', '10.0.0.2'), candidate('r', 'host', 'fd00::1')), 'other_family');
  assert.equal(why(candidate('l', 'host', '10.0.0.2', tcp), candidate('r', 'host', '10.0.0.3')), 'other_protocol');
  assert.equal(why(candidate('l', 'host', '10.0.0.2', tcp), candidate('r', 'host', '10.0.0.3', tcp)), 'both_active');
  assert.equal(why(candidate('l', 'srflx', '8.8.4.4'), candidate('r', 'host', '10.0.0.3')), 'same_base');
  assert.equal(why(candidate('l', 'host', 'x.local'), candidate('r', 'host', 'fd00::1')), 'not_formed');
});

test('a router that shows one port to all is told from one that shows each another', () => {
  const host = candidate('h', 'host', '192.168.1.2');
  const seen = (port: number, type = 'srflx') => candidate(`s${port}`, type, '8.8.4.4', { port, relatedPort: 4000 });
  assert.equal(natOf([host, seen(7000), seen(7001)]).mapping, 'one_for_each');
  assert.equal(natOf([host, seen(7000), seen(7001, 'prflx')]).mapping, 'one_for_each');
  assert.equal(natOf([host, seen(7000)], seen(7000)).mapping, 'one_for_all');
  assert.equal(natOf([host, seen(7000)]).mapping, 'not_measured');
  assert.deepEqual(natOf([host, seen(7000)]).outside, ['8.8.4.4:7000']);
});

test('without a router, with a hidden address, and with nothing known', () => {
  assert.equal(natOf([candidate('h', 'host', '8.8.4.4')]).router, 'none');
  assert.equal(natOf([candidate('h', 'host', '10.0.0.2'), candidate('s', 'srflx', '10.0.0.2')]).router, 'none');
  const hidden = natOf([candidate('h', 'host', 'c0ffee.local'), candidate('s', 'srflx', '8.8.4.4')]);
  assert.deepEqual([hidden.inside, hidden.hidden, hidden.router], [[], true, 'translates']);
  assert.deepEqual(natOf([]), {
    inside: [], hidden: false, outside: [], router: 'unknown', mapping: 'not_measured', filtering: 'not_measured',
  });
});

test('an endpoint has brackets around IPv6, and no port where there is none', () => {
  assert.equal(endpointText('10.0.0.1', 80), '10.0.0.1:80');
  assert.equal(endpointText('fd00::2', 80), '[fd00::2]:80');
  assert.equal(endpointText('[fd00::2]', undefined), '[fd00::2]');
});

test('what-if leaves only the servers that such a network lets through', () => {
  const servers = [
    { urls: ['stun:a:3478'] },
    { urls: ['turn:a:3478?transport=udp', 'turn:a:3478?transport=tcp', 'turns:a:443?transport=tcp'], username: 'u' },
    { urls: 'turn:b:3478' },
  ];
  const urls = (whatIf: 'as_it_is' | 'relay_only' | 'no_udp' | 'tcp_only') => serversUnder(whatIf, servers).flatMap((each) => each.urls);
  assert.equal(urls('as_it_is').length, 5);
  assert.deepEqual(urls('relay_only'), ['turn:a:3478?transport=udp', 'turn:a:3478?transport=tcp', 'turns:a:443?transport=tcp', 'turn:b:3478']);
  assert.deepEqual(urls('no_udp'), ['turn:a:3478?transport=tcp', 'turns:a:443?transport=tcp']);
  assert.deepEqual(urls('tcp_only'), ['turn:a:3478?transport=tcp']);
  assert.equal(serversUnder('tcp_only', servers)[0]?.username, 'u');
});

test('a masked report names no address, the same one always alike, and keeps everything else', () => {
  const report = {
    line: 'a=candidate:1 1 udp 2122 192.168.1.7 50000 typ host raddr 8.8.4.4 rport 9',
    again: ['192.168.1.7:50000', '[2001:4860::8888]:3478', 'fe80::1%eth0', 'c0ffee-12.local', 'host udp fd00::2:36842 <->'],
    fingerprint: `sha-256 ${Array(32).fill('AB').join(':')}`,
    time: '12:34:56', version: '1.2.3', rtt: 4.5, nothing: null,
  };
  const masked = maskAddresses(report);
  const text = JSON.stringify(masked);
  for (const secret of ['192.168.1.7', '8.8.4.4', '2001:4860', 'fe80::1', 'c0ffee', 'fd00']) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  assert.ok(masked.line.includes('private-ipv4-address-1 50000') && masked.line.includes('public-ipv4-address-2'));
  assert.equal(masked.again[0], 'private-ipv4-address-1:50000');
  assert.match(masked.again[1]!, /^\[public-ipv6-address-\d\]:3478$/);
  for (const key of ['fingerprint', 'time', 'version', 'rtt', 'nothing'] as const) assert.equal(masked[key], report[key]);
  assert.ok(report.line.includes('192.168.1.7'), 'the report itself is as it was');
});

test('a report page carries its JSON as text, whatever is in it', () => {
  const report = { name: '</script><script>alert(1)</script>&<!--', 'a"b': 1 };
  const page = reportPage('<title>', 'a & b', report);
  assert.ok(!page.includes('<script>alert'));
  const json = /<pre id="report">([\s\S]*?)<\/pre>/.exec(page)?.[1] ?? '';
  const plain = json.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  assert.deepEqual(JSON.parse(plain), report);
});
