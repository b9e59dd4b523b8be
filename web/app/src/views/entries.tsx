// What was said, one thing after the other. Text is text: it is never parsed for markup. Pictures are shown from their
// bytes, and only in types that cannot run anything; every other file can be saved and is never opened.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { MessageKey } from '../i18n/en.ts';
import type { ChatEntry, FileEntry } from '../model/chat_entry.ts';
import { byteSize, clockTime, daySaid } from '../model/format.ts';
import { useLanguage, useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';

function Receipt({ entry, keeps }: { entry: ChatEntry; keeps: boolean }): JSX.Element | null {
  const say = useTranslate();
  if (!entry.mine || entry.file) return null;
  const count = entry.delivered.size;
  if (keeps) {
    const [icon, word]: ['check' | 'clock' | 'checks', MessageKey] =
      count > 0 ? ['checks', 'delivered'] : entry.to > 0 ? ['check', 'sent'] : ['clock', 'will_deliver'];
    return (
      <span class={`receipt tick ${count > 0 ? 'tick-delivered' : ''}`} data-delivered={count} title={say(word)}>
        <Icon name={icon} size={16} />
        <span class="unseen">{say(word)}</span>
      </span>
    );
  }
  if (entry.to === 0) return <span class="receipt">{say('nobody_heard')}</span>;
  if (entry.via === 'server') return <span class="receipt">{say('sent_by_server')}</span>;
  if (count === 0) return null;
  return (
    <span class="receipt" data-delivered={count}>
      {count >= entry.to ? say('delivered') : say('delivered_some', { count, total: entry.to })}
    </span>
  );
}

function FileWords({ file }: { file: FileEntry }): JSX.Element {
  const say = useTranslate();
  if (file.state === 'failed') {
    const key: MessageKey = `file_${file.trouble ?? 'interrupted'}`;
    return <span class="file-trouble">{say(key)}</span>;
  }
  if (file.state === 'done') return <span>{file.url ? byteSize(file.size) : say('file_gone')}</span>;
  const percent = file.size === 0 ? 100 : Math.floor((file.moved / file.size) * 100);
  return (
    <span>
      <progress max={file.size || 1} value={file.moved} aria-hidden="true" />
      {say('file_moving', { percent, size: byteSize(file.size) })}
    </span>
  );
}

function FileView({ entry, session }: { entry: ChatEntry; session: Session }): JSX.Element | null {
  const say = useTranslate();
  const { file } = entry;
  if (!file) return null;
  const whole = file.state === 'done' && file.url;
  // The other side's id for it stands behind the slash.
  const id = entry.id.split('/').pop() ?? '';
  return (
    <div class="file" data-file={file.state}>
      {file.url && file.pictureType && <img class="picture" src={file.url} alt={file.name} />}
      <div class="file-row">
        <Icon name="file" size={20} />
        <span class="file-words">
          <span class="file-name" dir="auto">
            {file.name}
          </span>
          <FileWords file={file} />
        </span>
        {whole && (
          <a class="round plain" href={file.url} download={file.name} aria-label={say('file_save', { name: file.name })} title={say('file_save', { name: file.name })}>
            <Icon name="download" size={20} />
          </a>
        )}
        {file.state === 'moving' && (
          <button type="button" class="round plain" aria-label={say('file_cancel')} title={say('file_cancel')} onClick={() => session.conversation.cancelFile(id)}>
            <Icon name="close" size={20} />
          </button>
        )}
      </div>
    </div>
  );
}

interface EntryProps {
  entry: ChatEntry;
  follows: boolean;
  session: Session;
  keeps: boolean;
}

function Entry({ entry, follows, session, keeps }: EntryProps): JSX.Element {
  const say = useTranslate();
  const language = useLanguage();
  return (
    <li class={`entry ${entry.mine ? 'mine' : ''} ${follows ? 'follows' : ''}`} data-via={entry.via}>
      {!follows && (
        <div class="entry-head">
          <span class="entry-name" dir="auto">
            {entry.mine ? say('you') : entry.name || say('nameless')}
          </span>
          <time>{clockTime(entry.atMs, language)}</time>
          {entry.via === 'memory' && !keeps && <span class="hint">{say('said_before')}</span>}
        </div>
      )}
      {entry.text && (
        <p class="entry-text" dir="auto">
          {entry.text}
        </p>
      )}
      <FileView entry={entry} session={session} />
      <Receipt entry={entry} keeps={keeps} />
    </li>
  );
}

function follows(entries: readonly ChatEntry[], index: number): boolean {
  const entry = entries[index];
  const before = entries[index - 1];
  if (!entry || !before) return false;
  return before.mine === entry.mine && before.name === entry.name && entry.atMs - before.atMs < 120_000;
}

export function Entries({ session, empty }: { session: Session; empty: ComponentChildren }): JSX.Element {
  const say = useTranslate();
  const language = useLanguage();
  const { entries, typing } = useStore(session.conversation);
  const { place } = useStore(session);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [entries.length, typing.length]);
  const keeps = place.kind === 'messages';
  const days = entries.map(({ atMs }) => daySaid(atMs, Date.now(), language));
  const names = typing.map((name) => name || say('nameless')).join(', ');
  return (
    <div class="entries" ref={list} tabIndex={0} role="log" aria-label={say('messages')}>
      {entries.length === 0 && <div class="empty">{empty}</div>}
      <ol>
        {entries.map((entry, index) => (
          <>
            {keeps && days[index] !== days[index - 1] && (
              <li key={`day-${entry.id}`} class="day">
                {days[index]}
              </li>
            )}
            <Entry key={entry.id} entry={entry} follows={follows(entries, index)} session={session} keeps={keeps} />
          </>
        ))}
      </ol>
      {typing.length > 0 && (
        <p class="typing" role="status" dir="auto">
          {say('is_typing', { names })}
        </p>
      )}
    </div>
  );
}
