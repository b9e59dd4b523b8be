// The conversations that this browser keeps, newest first.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { initials, whenSaid } from '../model/format.ts';
import type { ConversationSummary } from '../model/history_store.ts';
import { useLanguage, useTranslate } from '../model/language.ts';
import { roomName } from '../model/room_name.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';
import { toneOf } from './tile.tsx';

/** The people in it; before anybody came, the room's own words. */
export function titleOf({ people, roomId }: Pick<ConversationSummary, 'people' | 'roomId'>): string {
  return people.length > 0 ? people.join(', ') : roomName(roomId);
}

function Row({ session, summary }: { session: Session; summary: ConversationSummary }): JSX.Element {
  const say = useTranslate();
  const language = useLanguage();
  const { place } = useStore(session);
  const { unread } = useStore(session.conversation);
  const here = place.kind === 'messages' && place.roomId === summary.roomId;
  const title = titleOf(summary);
  return (
    <li class={here ? 'conversation here' : 'conversation'}>
      <button
        type="button"
        class="conversation-open"
        {...(here && { 'aria-current': 'page' })}
        onClick={() => session.goTo({ kind: 'messages', roomId: summary.roomId })}
      >
        <span class={`avatar small ${toneOf(summary.roomId)}`} aria-hidden="true">
          {initials(title) || '·'}
        </span>
        <span class="conversation-words">
          <span class="conversation-title" dir="auto">
            {title}
          </span>
          <span class="conversation-last" dir="auto">
            {summary.lastText}
          </span>
        </span>
        <span class="conversation-side">
          <time>{whenSaid(summary.lastMs, Date.now(), language)}</time>
          {here && unread > 0 && <span class="count">{unread}</span>}
        </span>
      </button>
      <button
        type="button"
        class="round plain"
        aria-label={say('delete_conversation')}
        title={say('delete_conversation')}
        onClick={() => void session.conversation.forget(summary.roomId)}
      >
        <Icon name="trash" size={18} />
      </button>
    </li>
  );
}

export function ConversationList({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { kept } = useStore(session.conversation);
  useEffect(() => void session.conversation.refreshKept(), []);
  return (
    <section class="conversations" aria-label={say('conversations')}>
      <h2>{say('conversations')}</h2>
      {kept.length === 0 && <p class="hint">{say('no_conversations')}</p>}
      <ul>
        {kept.map((summary) => (
          <Row key={summary.roomId} session={session} summary={summary} />
        ))}
      </ul>
    </section>
  );
}
