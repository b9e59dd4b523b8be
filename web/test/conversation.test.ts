// What is said in a room, with the room replaced by what it would tell. There is no IndexedDB here: a conversation without a
// memory goes on all the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatEntry } from '../app/src/model/chat_entry.ts';
import { Conversation } from '../app/src/model/conversation.ts';
import { Emitter } from '../sdk/src/emitter.ts';
import type { FileNews, Member, Room, RoomEvents } from '../sdk/src/index.ts';

class FakeRoom extends Emitter<RoomEvents> {
  readonly members = new Map<string, Member>();
  readonly asked: string[] = [];
  readonly acknowledged: string[] = [];
  directOnly: boolean | undefined;
  said = 0;

  tell<Name extends keyof RoomEvents>(name: Name, payload: RoomEvents[Name]): void {
    this.emit(name, payload);
  }
  add(id: string, name: string): Member {
    const member: Member = { id, name, presence: {}, away: false, tracks: new Map() };
    this.members.set(id, member);
    return member;
  }
  say(_text: string, { directOnly }: { directOnly: boolean }) {
    this.directOnly = directOnly;
    return { id: `said-${(this.said += 1)}`, via: 'channel', to: [...this.members.keys()] };
  }
  typing(): void {}
  askHistory(id: string): void {
    this.asked.push(id);
  }
  acknowledge(member: string, id: string): void {
    this.acknowledged.push(`${member} ${id}`);
  }
  sendFile() {
    return { id: 'file-1', to: [...this.members.keys()] };
  }
}

async function opened(keeps: boolean, watched = true) {
  const heard: ChatEntry[] = [];
  const conversation = new Conversation({ watched: () => watched, heard: (entry) => heard.push(entry) });
  const room = new FakeRoom();
  await conversation.open('room', keeps);
  conversation.connect(room as unknown as Room);
  const texts = () => conversation.state.entries.map(({ text }) => text);
  return { conversation, room, heard, texts };
}

test('a text is heard once, and counts as unread only while nobody looks', async () => {
  for (const watched of [true, false]) {
    const { conversation, room, heard, texts } = await opened(false, watched);
    const mei = room.add('m', 'Mei');
    for (let twice = 0; twice < 2; twice++) room.tell('text', { member: mei, id: 'a', text: 'hello', sentMs: 1, via: 'channel' });
    assert.deepEqual(texts(), ['hello']);
    assert.equal(heard.length, 1);
    assert.equal(conversation.state.unread, watched ? 0 : 1);
    conversation.read();
    assert.equal(conversation.state.unread, 0);
  }
});

test('empty and too long texts are not said; 8192 bytes are', async () => {
  const { conversation, texts } = await opened(false);
  assert.equal(conversation.say('  \n '), false);
  assert.equal(conversation.say('蜂'.repeat(2731)), false);
  assert.equal(conversation.say('x'.repeat(8192)), true);
  assert.equal(texts().length, 1);
});

test('a meeting uses the server where a channel is missing, a conversation never does', async () => {
  for (const keeps of [true, false]) {
    const { conversation, room } = await opened(keeps);
    conversation.say('hello');
    assert.equal(room.directOnly, keeps);
  }
});

test('in a meeting one of those who were here before is asked once, in a conversation everybody is', async () => {
  for (const keeps of [true, false]) {
    const { room } = await opened(keeps);
    const [before, other, later] = [room.add('b', 'B'), room.add('o', 'O'), room.add('l', 'L')];
    room.tell('joined', later);
    for (const member of [later, before, other]) room.tell('channels', member);
    assert.deepEqual(room.asked, keeps ? ['l', 'b', 'o'] : ['b']);
  }
});

test('in a meeting a newcomer is told what was said before it came, and no more', async () => {
  const { conversation, room } = await opened(false);
  const mei = room.add('m', 'Mei');
  room.tell('text', { member: mei, id: 'a', text: 'early', sentMs: 1, via: 'channel' });
  conversation.say('mine');
  // The clock of this test may stand still for a millisecond; what is said in the same one counts as later.
  const { now } = Date;
  Date.now = () => now() + 1_000;
  try {
    const late = room.add('l', 'Late');
    room.tell('joined', late);
    Date.now = () => now() + 2_000;
    room.tell('text', { member: mei, id: 'b', text: 'later', sentMs: 2, via: 'channel' });
    assert.deepEqual(conversation.remembered(late, 'Me').map(({ name, text }) => `${name}: ${text}`), ['Mei: early', 'Me: mine']);
    assert.deepEqual(conversation.remembered(mei, 'Me'), [], 'who was here before us knows it all');
  } finally {
    Date.now = now;
  }
});

test('what is handed over is put in its place, acknowledged, and ours is not there twice', async () => {
  const { conversation, room, texts } = await opened(true);
  const mei = room.add('m', 'Mei');
  conversation.say('mine');
  room.tell('history', { member: mei, entries: [
    { id: 'old', name: 'Mei', text: 'older', sentMs: 5 }, { id: 'said-1', name: 'Me', text: 'mine', sentMs: 6 },
  ] });
  assert.deepEqual(texts(), ['older', 'mine']);
  assert.deepEqual(room.acknowledged, ['m old']);
});

test('a tick for each who has it, also for those who came later', async () => {
  const { conversation, room } = await opened(true);
  conversation.say('hello');
  assert.equal(conversation.state.entries[0]?.to, 0);
  const mei = room.add('m', 'Mei');
  room.tell('delivered', { member: mei, id: 'said-1' });
  const [entry] = conversation.state.entries;
  assert.deepEqual([entry?.to, entry?.delivered.size], [1, 1]);
});

function news(change: Partial<FileNews>): FileNews {
  return { id: 'file-1', direction: 'out', name: 'a.txt', type: '', size: 10, moved: 0, state: 'moving', ...change };
}

/** A File, which Node 18 does not have. */
const fileOf = (text: string) => Object.assign(new Blob([text]), { name: 'a.txt', lastModified: 0, webkitRelativePath: '' }) as File;

test('a file to two is done when both have it, and failed when both refused', async () => {
  for (const second of ['done', 'failed'] as const) {
    const { conversation, room } = await opened(false);
    const [mei, jon] = [room.add('m', 'Mei'), room.add('j', 'Jon')];
    conversation.sendFiles([fileOf('0123456789')]);
    const state = () => conversation.state.entries[0]?.file?.state;
    room.tell('file', { member: mei, news: news({ state: second === 'done' ? 'done' : 'failed', trouble: 'cancelled' }) });
    assert.equal(state(), 'moving');
    room.tell('file', { member: jon, news: news({ state: second, trouble: 'cancelled' }) });
    assert.equal(state(), second);
  }
});

test('a file for nobody says so at once', async () => {
  const { conversation } = await opened(true);
  conversation.sendFiles([fileOf('x')]);
  assert.deepEqual([conversation.state.entries[0]?.file?.state, conversation.state.entries[0]?.file?.trouble], ['failed', 'interrupted']);
});

test('what came in has an address, as bytes that nothing runs unless it is a picture', async () => {
  const { conversation, room } = await opened(false);
  const mei = room.add('m', 'Mei');
  for (const [id, type] of [['page', 'text/html'], ['dot', 'image/png']] as const) {
    room.tell('file', { member: mei, news: news({ id, direction: 'in', type, moved: 4 }) });
    room.tell('file', { member: mei, news: news({ id, direction: 'in', type, state: 'done', content: new Blob(['<b>x']) }) });
  }
  const types = await Promise.all(conversation.state.entries.map(async ({ file }) => (await fetch(file!.url!)).headers.get('content-type')));
  assert.deepEqual(types, ['application/octet-stream', 'image/png']);
});

test('a page keeps the newest half gigabyte of files, and of older ones the name', async () => {
  const { conversation, room } = await opened(false);
  const mei = room.add('m', 'Mei');
  // The same mebibyte again and again, so that nothing of that size is ever held.
  const mebibyte = new Blob([new Uint8Array(1024 * 1024)]);
  const large = () => new Blob(Array<Blob>(256).fill(mebibyte));
  for (const id of ['a', 'b', 'c']) {
    room.tell('file', { member: mei, news: news({ id, direction: 'in', state: 'done', content: large() }) });
  }
  assert.deepEqual(conversation.state.entries.map(({ file }) => file?.content !== undefined), [false, true, true]);
  assert.equal(conversation.state.entries[0]?.file?.name, 'a.txt');
});

test('who types is shown until the text arrives', async () => {
  const { conversation, room } = await opened(true);
  const mei = room.add('m', 'Mei');
  room.tell('typing', mei);
  assert.deepEqual(conversation.state.typing, ['Mei']);
  room.tell('text', { member: mei, id: 'a', text: 'done', sentMs: 1, via: 'channel' });
  assert.deepEqual(conversation.state.typing, []);
});
