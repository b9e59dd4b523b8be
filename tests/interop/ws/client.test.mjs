// npm's ws against our server: what most programs that are not browsers speak WebSocket with.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';

const folder = mkdtempSync(join(tmpdir(), 'beeline-ws-'));
let server;
let url;

before(async () => {
  const flags = ['serve', '--json', '--listen', '127.0.0.1', '--port', '0', '--no-turn', '--data-dir', folder];
  server = spawn(process.env.BEELINE_BIN, flags, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  url = JSON.parse(line).http.replace('http', 'ws') + '/api/signal';
});

after(async () => {
  server.kill();
  await once(server, 'exit');
  rmSync(folder, { recursive: true });
});

/** A connection that collects what it hears; next(type) is the next message of that type. */
function connect(options) {
  const socket = new WebSocket(url, options);
  const heard = [];
  let wake = () => {};
  socket.on('message', (data) => {
    heard.push(JSON.parse(data));
    wake();
  });
  const next = async (type) => {
    for (;;) {
      const at = heard.findIndex((message) => message.type === type);
      if (at >= 0) return heard.splice(0, at + 1).at(-1);
      await new Promise((resolve) => { wake = resolve; });
    }
  };
  return { socket, next, say: (message) => socket.send(JSON.stringify(message)) };
}

async function join_room(options, name) {
  const client = connect(options);
  await once(client.socket, 'open');
  client.say({ type: 'hello', versions: [1], room: 'abcdefghijklmnopqrstuvwxyz', name });
  return { ...client, welcome: await client.next('welcome') };
}

test('two clients meet, relay and leave, also when they offer compression', async () => {
  const mei = await join_room({ perMessageDeflate: true }, 'Mei');
  const jon = await join_room({ perMessageDeflate: false }, '約翰');
  assert.equal(mei.socket.extensions, '', 'compression is not negotiated');
  assert.equal((await mei.next('joined')).member.name, '約翰');
  const items = [{ kind: 'description', description: { type: 'offer', sdp: 'v=0\r\n'.repeat(400) } }];
  jon.say({ type: 'relay', to: mei.welcome.you, items });
  assert.deepEqual((await mei.next('relay')).items, items);
  jon.socket.close(1000);
  assert.equal((await mei.next('gone')).reason, 'left');
  const [code] = await once(jon.socket, 'close');
  assert.equal(code, 1000);
  mei.socket.terminate();
});

test('pings are answered and fragments are put together', async () => {
  const mei = await join_room({}, 'Mei');
  const pong = once(mei.socket, 'pong');
  mei.socket.ping('are you there');
  assert.equal(String((await pong)[0]), 'are you there');
  mei.socket.send('{"type":', { fin: false });
  mei.socket.send('"ping"}', { fin: true });
  await mei.next('pong');
  mei.socket.close();
  await once(mei.socket, 'close');
});

test('a binary message is an error and too large a one ends the connection with 1009', async () => {
  const mei = await join_room({}, 'Mei');
  mei.socket.send(Buffer.from([1, 2, 3]));
  assert.equal((await mei.next('error')).code, 'binary_frame');
  mei.socket.send('x'.repeat(65537));
  assert.equal((await once(mei.socket, 'close'))[0], 1009);
});
