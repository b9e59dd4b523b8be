// The conversation beside the call. Text is text: it is never parsed for markup.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { MESSAGE_BYTES } from '../../../sdk/src/index.ts';
import { clockTime } from '../model/format.ts';
import { useLanguage, useTranslate } from '../model/language.ts';
import { bytesOf, type ChatEntry, type Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';

function Receipt({ entry }: { entry: ChatEntry }): JSX.Element | null {
  const say = useTranslate();
  if (!entry.mine) return null;
  if (entry.to === 0) return <span class="receipt">{say('nobody_heard')}</span>;
  if (entry.via === 'server') return <span class="receipt">{say('sent_by_server')}</span>;
  const count = entry.delivered.size;
  if (count === 0) return null;
  const all = count >= entry.to;
  return (
    <span class="receipt" data-delivered={count}>
      {all ? say('delivered') : say('delivered_some', { count, total: entry.to })}
    </span>
  );
}

function Entry({ entry, follows }: { entry: ChatEntry; follows: boolean }): JSX.Element {
  const say = useTranslate();
  const language = useLanguage();
  return (
    <li class={`entry ${entry.mine ? 'mine' : ''} ${follows ? 'follows' : ''}`}>
      {!follows && (
        <div class="entry-head">
          <span class="entry-name" dir="auto">
            {entry.mine ? say('you') : entry.name || say('nameless')}
          </span>
          <time>{clockTime(entry.atMs, language)}</time>
        </div>
      )}
      <p class="entry-text" dir="auto">
        {entry.text}
      </p>
      <Receipt entry={entry} />
    </li>
  );
}

function follows(chat: readonly ChatEntry[], index: number): boolean {
  const entry = chat[index];
  const before = chat[index - 1];
  if (!entry || !before) return false;
  return before.mine === entry.mine && before.name === entry.name && entry.atMs - before.atMs < 120_000;
}

export function MessagesPanel({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { chat } = useStore(session);
  const [draft, setDraft] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const bytes = bytesOf(draft.trim());
  const tooLong = bytes > MESSAGE_BYTES;
  useEffect(() => input.current?.focus(), []);
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [chat.length]);
  const submit = (event?: Event): void => {
    event?.preventDefault();
    if (session.say(draft)) setDraft('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter also ends the choice of a character in an input method; that one is not ours.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  };
  return (
    <div class="messages">
      <div class="entries" ref={list} tabIndex={0} role="log" aria-label={say('messages')}>
        {chat.length === 0 && <p class="empty">{say('no_messages')}</p>}
        <ol>
          {chat.map((entry, index) => (
            <Entry key={entry.id} entry={entry} follows={follows(chat, index)} />
          ))}
        </ol>
      </div>
      {tooLong && (
        <p class="note note-warn" role="alert">
          {say('message_too_long', { bytes, limit: MESSAGE_BYTES })}
        </p>
      )}
      <form class="composer" onSubmit={submit}>
        <textarea
          ref={input}
          rows={1}
          name="message"
          dir="auto"
          value={draft}
          aria-label={say('message_placeholder')}
          placeholder={say('message_placeholder')}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="round accent" aria-label={say('send')} title={say('send')} disabled={!bytes || tooLong}>
          <Icon name="send" />
        </button>
      </form>
    </div>
  );
}
