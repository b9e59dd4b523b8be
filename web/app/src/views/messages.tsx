// Where one writes: the field, files by button, paste or drop, and the conversation above it. The same beside a call, beside
// a live and on a page of its own.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { MESSAGE_BYTES, NAME_CHARACTERS } from '../../../sdk/src/index.ts';
import { bytesOf } from '../model/conversation.ts';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Entries } from './entries.tsx';
import { Icon } from './icons.tsx';

function AttachButton({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const input = useRef<HTMLInputElement>(null);
  const chosen = (): void => {
    session.conversation.sendFiles([...(input.current?.files ?? [])]);
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <input ref={input} class="unseen" type="file" name="files" multiple tabIndex={-1} aria-hidden="true" onChange={chosen} />
      <button type="button" class="round plain" aria-label={say('attach')} title={say('attach')} data-action="attach" onClick={() => input.current?.click()}>
        <Icon name="attach" />
      </button>
    </>
  );
}

function Composer({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const [draft, setDraft] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  const bytes = bytesOf(draft.trim());
  const tooLong = bytes > MESSAGE_BYTES;
  // A phone's keyboard would cover half of what one came to read.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) input.current?.focus();
  }, []);
  const submit = (event?: Event): void => {
    event?.preventDefault();
    if (session.conversation.say(draft)) setDraft('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter also ends the choice of a character in an input method; that one is not ours.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  };
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    session.conversation.sendFiles(files);
  };
  return (
    <>
      {tooLong && (
        <p class="note note-warn" role="alert">
          {say('message_too_long', { bytes, limit: MESSAGE_BYTES })}
        </p>
      )}
      <form class="composer" onSubmit={submit}>
        <AttachButton session={session} />
        <textarea
          ref={input}
          rows={1}
          name="message"
          dir="auto"
          value={draft}
          aria-label={say('message_placeholder')}
          placeholder={say('message_placeholder')}
          onInput={(event) => {
            setDraft(event.currentTarget.value);
            session.conversation.typing();
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <button type="submit" class="round accent" aria-label={say('send')} title={say('send')} disabled={!bytes || tooLong}>
          <Icon name="send" />
        </button>
      </form>
    </>
  );
}

/** Who came without a lobby says here how others shall call them; everybody else has done so. */
function NameField({ session }: { session: Session }): JSX.Element | null {
  const say = useTranslate();
  const { preferences } = useStore(session);
  if (preferences.name !== '') return null;
  return (
    <label class="name-row">
      <span class="field-label">{say('your_name')}</span>
      <input
        name="name"
        type="text"
        maxLength={NAME_CHARACTERS}
        placeholder={say('name_placeholder')}
        onChange={(event) => session.rename(event.currentTarget.value)}
      />
    </label>
  );
}

export function MessagesPanel({ session, empty }: { session: Session; empty: ComponentChildren }): JSX.Element {
  const onDrop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    session.conversation.sendFiles(files);
  };
  return (
    <div class="messages" onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
      <Entries session={session} empty={empty} />
      <NameField session={session} />
      <Composer session={session} />
    </div>
  );
}
