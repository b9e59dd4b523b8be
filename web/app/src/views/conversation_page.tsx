// A conversation on a page of its own: the list of conversations and the open one, as in a messenger.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Banners } from './banners.tsx';
import { ConversationList, titleOf } from './conversation_list.tsx';
import { Brand, Icon } from './icons.tsx';
import { MessagesPanel } from './messages.tsx';
import { PathBadge } from './path_badge.tsx';
import { HostButton, SidePanel } from './side_panel.tsx';

function NotifyButton({ session }: { session: Session }): JSX.Element | null {
  const say = useTranslate();
  const [permission, setPermission] = useState(typeof Notification === 'function' ? Notification.permission : 'denied');
  if (permission !== 'default') return null;
  const ask = async (): Promise<void> => {
    const answer = await Notification.requestPermission();
    setPermission(answer);
    session.notice(answer === 'granted' ? 'notify_on' : 'notify_denied');
  };
  return (
    <button type="button" class="round plain" aria-label={say('notify_me')} title={say('notify_me')} data-action="notify" onClick={() => void ask()}>
      <Icon name="bell" />
    </button>
  );
}

function Head({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people, place, roomState } = useStore(session);
  const { kept } = useStore(session.conversation);
  const here = people.filter(({ away }) => !away).map(({ name }) => name || say('nameless'));
  const known = kept.find(({ roomId }) => roomId === place.roomId)?.people ?? [];
  const names = people.length > 0 ? people.map(({ name }) => name || say('nameless')) : known;
  return (
    <header class="conversation-head">
      <button type="button" class="round plain phone-only" aria-label={say('back')} title={say('back')} onClick={() => session.toConversations()}>
        <Icon name="back" />
      </button>
      <div class="conversation-who">
        <h1 dir="auto">{titleOf({ people: names, roomId: place.roomId })}</h1>
        <p class="hint" role="status" data-present={here.length}>
          {roomState.locked && <Icon name="lock" size={14} />}
          {here.length > 0 ? say('online_now', { names: here.join(', ') }) : say('nobody_online')}
        </p>
      </div>
      {people[0]?.path && (
        <PathBadge path={people[0].path} name={people[0].name} onOpen={() => session.openPath(people[0]?.id ?? '')} />
      )}
      <NotifyButton session={session} />
      <HostButton session={session} />
      <button type="button" class="round plain" aria-label={say('invite')} title={say('invite')} data-action="invite" onClick={() => session.show('invite')}>
        <Icon name="invite" />
      </button>
    </header>
  );
}

function Empty({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people } = useStore(session);
  return (
    <>
      <p>{say('conversation_empty')}</p>
      {people.length === 0 && (
        <button type="button" class="button primary" onClick={() => session.show('invite')}>
          <Icon name="invite" size={18} />
          {say('share_link')}
        </button>
      )}
    </>
  );
}

export function ConversationPage({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { panel } = useStore(session);
  return (
    <div class="conversation-page">
      <aside class="conversation-side-bar">
        <header class="side-bar-head">
          <Brand />
          <button type="button" class="round plain" aria-label={say('settings')} title={say('settings')} data-control="settings" onClick={() => session.show('settings')}>
            <Icon name="settings" />
          </button>
        </header>
        <ConversationList session={session} />
        <button type="button" class="button" data-action="new-conversation" onClick={() => session.startConversation()}>
          <Icon name="plus" size={18} />
          {say('new_conversation')}
        </button>
      </aside>
      <main class="conversation-main">
        <Head session={session} />
        <Banners session={session} />
        <MessagesPanel session={session} empty={<Empty session={session} />} />
      </main>
      {panel === 'path' && <SidePanel session={session} panel={panel} />}
    </div>
  );
}
