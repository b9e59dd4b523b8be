// A stand-in for the C++ server while it is being built: enough of docs/protocol/signaling.md and the static files.
// No TURN. It is deleted once `beeline serve` runs.
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';

const dist = new URL('../dist/', import.meta.url).pathname;
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const csp = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const graceSeconds = 15;
const rooms = new Map();
const text = (bytes) => randomBytes(bytes).toString('hex');

const http = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, 'http://x').pathname);
  try {
    const file = path === '/' ? 'index.html' : path.slice(1);
    const body = await readFile(join(dist, file));
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': csp });
    response.end(body);
  } catch {
    response.writeHead(404).end('not found');
  }
});

const sockets = new WebSocketServer({ server: http, path: '/api/signal', maxPayload: 65536 });
const ice = () => ({ servers: [], renew_in_s: 2700 });

function tell(member, message) {
  const event = { ...message, event: ++member.events };
  member.log.push(event);
  member.socket?.send(JSON.stringify(event));
}
const others = (room, member) => [...room.members.values()].filter((each) => each !== member);
const shown = ({ id, name, presence, socket }) => ({ id, name, presence, away: !socket });

function gone(room, member, reason) {
  clearTimeout(member.timer);
  if (!room.members.delete(member.id)) return;
  for (const each of others(room, member)) tell(each, { type: 'gone', member: member.id, reason });
  if (room.members.size === 0) rooms.delete(room.id);
}

sockets.on('connection', (socket) => {
  let room, member;
  const send = (message) => socket.send(JSON.stringify(message));
  const fail = (code, fatal, type) => {
    send({ type: 'error', code, message: code, fatal, about: { type } });
    if (fatal) socket.close();
  };
  const hello = (message) => {
    if (!/^[a-z2-7]{26}$/.test(message.room ?? '')) return fail('room_invalid', true, 'hello');
    if (!message.versions?.includes(1)) return fail('version_unsupported', true, 'hello');
    room = rooms.get(message.room) ?? { id: message.room, members: new Map() };
    rooms.set(room.id, room);
    const known = [...room.members.values()].find((each) => message.resume && each.token === message.resume.token);
    if (!known && room.members.size >= 16) return fail('room_full', true, 'hello');
    member = known ?? { id: text(5), name: (message.name ?? '').trim(), presence: message.presence ?? {}, events: 0, log: [] };
    clearTimeout(member.timer);
    member.token = text(16);
    member.socket?.close();
    member.socket = socket;
    room.members.set(member.id, member);
    send({ type: 'welcome', version: 1, you: member.id, room: room.id, resumed: !!known, members: others(room, member).map(shown), ice: ice(), resume: { token: member.token }, grace_s: graceSeconds, limits: { message_bytes: 65536, items: 64, members: 16 }, last_event: member.events, server_time_ms: Date.now() });
    if (known) for (const event of member.log.filter(({ event }) => event > message.resume.last_event)) send(event);
    for (const each of others(room, member)) {
      if (known) tell(each, { type: 'back', member: member.id });
      else tell(each, { type: 'joined', member: shown(member) });
    }
  };
  socket.on('message', (frame) => {
    const message = JSON.parse(frame.toString());
    if (!member) return message.type === 'hello' ? hello(message) : fail('hello_expected', true, message.type);
    const all = (event) => others(room, member).forEach((each) => tell(each, event));
    switch (message.type) {
      case 'relay': {
        const to = room.members.get(message.to);
        return to ? tell(to, { type: 'relay', from: member.id, items: message.items }) : fail('member_unknown', false, 'relay');
      }
      case 'presence':
        member.presence = message.presence;
        return all({ type: 'presence', member: member.id, presence: message.presence });
      case 'rename':
        member.name = message.name;
        return all({ type: 'renamed', member: member.id, name: message.name });
      case 'message':
        return all({ type: 'message', from: member.id, text: message.text });
      case 'renew':
        return tell(member, { type: 'ice', ice: ice() });
      case 'ping':
        return send({ type: 'pong' });
      case 'leave':
        gone(room, member, 'left');
        return socket.close(1000);
      default:
        fail('unknown_type', false, message.type);
    }
  });
  socket.on('close', (code) => {
    if (!member || member.socket !== socket) return;
    member.socket = null;
    if (code === 1000 || code === 1001) return gone(room, member, 'left');
    for (const each of others(room, member)) tell(each, { type: 'away', member: member.id });
    member.timer = setTimeout(() => gone(room, member, 'lost_peer'), graceSeconds * 1000);
  });
});

http.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const url = `http://localhost:${http.address().port}`;
  console.log(JSON.stringify({ event: 'ready', http: url, metrics: null }));
});
