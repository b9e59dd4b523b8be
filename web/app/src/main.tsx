// Where the page begins.

import { render } from 'preact';
import { Session } from './model/session.ts';
import { App } from './views/app.tsx';

declare global {
  interface Window {
    /** The page's own session, for the browser tests and for the curious in the console. */
    beeline?: Session;
  }
}

const session = new Session();
window.beeline = session;
const root = document.getElementById('app');
if (root) render(<App session={session} />, root);
