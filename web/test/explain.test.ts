// Each row of the reason table, from the facts that lead to it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachOf } from '../sdk/src/address.ts';
import { explainPath, STILL_LOOKING_MS, type CandidateFacts, type PathFacts } from '../sdk/src/explain.ts';

function end(type: string, address?: string, more: Partial<CandidateFacts> = {}): CandidateFacts {
  return { id: `${type}-${address}`, type, protocol: 'udp', port: 5000, ...(address && { address }), ...more };
}

function facts(more: Partial<PathFacts>): PathFacts {
  return {
    connection: 'connected',
    iceConnected: true,
    everConnected: true,
    online: true,
    relayOnly: false,
    peerRelayOnly: false,
    whatIf: false,
    peerName: 'Mei',
    silentForMs: 0,
    relayedForMs: 0,
    relayOffered: true,
    relayTrouble: [],
    localCandidates: [],
    remoteCandidates: [],
    ...more,
  };
}

function connected(local: CandidateFacts, remote: CandidateFacts, more: Partial<PathFacts> = {}): string {
  return explainPath(facts({ local, remote, ...more })).code;
}

const relayEnd = end('relay', '9.9.9.9', { relayProtocol: 'udp' });
const late = { relayedForMs: STILL_LOOKING_MS };

test('host to host on private or hidden addresses is the same network', () => {
  assert.equal(connected(end('host', '192.168.1.2'), end('host', '192.168.1.3')), 'direct_same_network');
  assert.equal(connected(end('host'), end('host', 'c0ffee.local')), 'direct_same_network');
  assert.equal(connected(end('host', 'fd00::2'), end('host', 'fe80::1')), 'direct_same_network');
});

test('a peer-reflexive end beside an untranslated host is the same network, unless it is public', () => {
  assert.equal(connected(end('host', '10.0.0.2'), end('prflx', '10.0.0.3')), 'direct_same_network');
  assert.equal(connected(end('host', '10.0.0.2'), end('prflx')), 'direct_same_network');
  assert.equal(connected(end('prflx', '10.0.0.2'), end('host')), 'direct_same_network');
  assert.equal(connected(end('host', '10.0.0.2'), end('prflx', '8.8.4.7')), 'direct_punched');
});

test('a public host address on either side is public', () => {
  assert.equal(connected(end('host', '8.8.4.1'), end('srflx', '9.9.9.4')), 'direct_public');
  assert.equal(connected(end('prflx', '9.9.9.4'), end('host', '2606:4700::1')), 'direct_public');
});

test('reflexive on both sides was punched', () => {
  assert.equal(connected(end('srflx', '8.8.4.1'), end('prflx', '9.9.9.4')), 'direct_punched');
  assert.equal(connected(end('prflx', '8.8.4.1'), end('srflx', '9.9.9.4')), 'direct_punched');
});

test('TCP is said to be TCP', () => {
  const tcp = { protocol: 'tcp' };
  assert.equal(connected(end('host', '10.0.0.2', tcp), end('host', '10.0.0.3', tcp)), 'direct_tcp');
});

test('a relayed path is "for now" for twenty seconds and "no answer" after', () => {
  assert.equal(connected(relayEnd, end('srflx', '9.9.9.4')), 'relayed_for_now');
  assert.equal(connected(relayEnd, end('srflx', '9.9.9.4'), { relayedForMs: STILL_LOOKING_MS - 1 }), 'relayed_for_now');
  assert.equal(connected(relayEnd, end('srflx', '9.9.9.4'), late), 'relayed_no_answer');
});

test('a peer-reflexive candidate that rides our relay is relayed, whatever its type says', () => {
  const byProtocol = end('prflx', '9.9.9.9', { relayProtocol: 'udp' });
  const byServer = end('prflx', '9.9.9.9', { url: 'turn:turn.example.org:3478' });
  assert.equal(explainPath(facts({ local: byProtocol, remote: end('host') })).path, 'relayed');
  assert.equal(explainPath(facts({ local: byServer, remote: end('host') })).path, 'relayed');
});

test('a peer-reflexive remote end that is one of the announced relays is relayed', () => {
  const remote = end('prflx', '9.9.9.9');
  const announced = [end('relay', '9.9.9.9')];
  assert.equal(connected(end('srflx', '8.8.4.1'), remote, { remoteCandidates: announced }), 'relayed_for_now');
  assert.equal(connected(end('srflx', '8.8.4.1'), remote), 'direct_punched');
});

test('relayed by choice: ours before theirs', () => {
  assert.equal(connected(relayEnd, end('relay', '9.9.9.8'), { relayOnly: true, peerRelayOnly: true }), 'relayed_by_choice');
  assert.equal(connected(end('host', '10.0.0.2'), end('relay', '9.9.9.8'), { peerRelayOnly: true }), 'relayed_peer_choice');
  assert.equal(connected(end('host', '10.0.0.2'), end('relay', '9.9.9.8'), late), 'relayed_no_answer');
});

test('a relayed path while one tries out a lesser network says that it is one', () => {
  assert.equal(connected(relayEnd, end('relay', '9.9.9.8'), { whatIf: true, relayOnly: true }), 'relayed_what_if');
});

test('a relay over TCP or TLS without any UDP answer means that UDP is blocked', () => {
  const tls = end('relay', '9.9.9.9', { relayProtocol: 'tls' });
  const verdict = explainPath(facts({ local: tls, remote: relayEnd, localCandidates: [tls], ...late }));
  assert.equal(verdict.code, 'relayed_udp_blocked');
  assert.deepEqual(verdict.params, { transport: 'TLS' });
  const srflx = end('srflx', '8.8.4.1');
  assert.equal(connected(tls, relayEnd, { localCandidates: [tls, srflx], ...late }), 'relayed_no_answer');
});

test('before there is a path it is looked for', () => {
  assert.deepEqual(explainPath(facts({ connection: 'new', everConnected: false })), {
    code: 'looking',
    path: 'looking',
    params: { name: 'Mei' },
  });
});

test('a failed start names the relay that was missing, refused or silent', () => {
  const failed = { connection: 'failed', iceConnected: false, everConnected: false } as const;
  assert.equal(explainPath(facts({ ...failed, relayOffered: false })).code, 'failed_no_relay');
  const refused = explainPath(facts({ ...failed, relayTrouble: [{ url: 'turn:a.example:3478?transport=udp', code: 401 }] }));
  assert.deepEqual([refused.code, refused.params], ['failed_relay_refused', { code: 401 }]);
  const trouble = [
    { url: 'turn:a.example:3478?transport=udp', code: 701 },
    { url: 'turn:a.example:3478?transport=udp', code: 701 },
    { url: 'turns:a.example', code: 701 },
    { url: 'stun:a.example', code: 701 },
  ];
  const silent = explainPath(facts({ ...failed, relayTrouble: trouble }));
  assert.deepEqual([silent.code, silent.params], ['failed_relay_unreachable', { ports: '3478/udp, 5349/tcp' }]);
});

test('a connection that fails over a working path refused the certificate', () => {
  assert.equal(explainPath(facts({ connection: 'failed', iceConnected: true })).code, 'failed_identity');
});

test('silence is the peer, or our own network when the browser says so', () => {
  const silent = { connection: 'disconnected', silentForMs: 7_400 } as const;
  assert.deepEqual(explainPath(facts(silent)).params, { name: 'Mei', seconds: 7 });
  assert.equal(explainPath(facts({ ...silent, online: false })).code, 'lost_network');
});

test('no common session is said first', () => {
  const verdict = explainPath(facts({ connection: 'new', incompatible: 'session description' }));
  assert.deepEqual([verdict.code, verdict.params], ['failed_incompatible', { what: 'session description' }]);
});

test('addresses: private, public or hidden', () => {
  for (const address of ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '127.0.0.1', '169.254.1.1', 'fd12::1', 'fe80::1', '::1', '192.0.2.2', '203.0.113.9', '2001:db8::1', '::ffff:10.0.0.1']) {
    assert.equal(reachOf(address), 'private', address);
  }
  for (const address of ['172.32.0.1', '172.15.0.1', '100.128.0.1', '8.8.8.8', '2001:4860::1', '::ffff:8.8.8.8']) {
    assert.equal(reachOf(address), 'public', address);
  }
  for (const address of [undefined, '', 'x.local', '300.1.1.1']) assert.equal(reachOf(address), 'hidden');
});
