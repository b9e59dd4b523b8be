// The app's drawings: one stroke weight, 24 units square, in the colour of the text around them.

import type { JSX } from 'preact';

const PATHS = {
  mic: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21',
  mic_off: 'M9 9v2a3 3 0 0 0 4.6 2.5M15 11V6a3 3 0 0 0-5.8-1M5.5 11a6.5 6.5 0 0 0 10 5.5M18.5 11a6.5 6.5 0 0 1-.5 2.5M12 17.5V21M4 4l16 16',
  camera: 'M4 7.5A1.5 1.5 0 0 1 5.5 6h8A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 16.5ZM15 10.5l5-3v9l-5-3',
  camera_off: 'M4 7.5v9A1.5 1.5 0 0 0 5.5 18h8a1.5 1.5 0 0 0 1.300-.8M9 6h4.5A1.5 1.5 0 0 1 15 7.5V12M15 10.5l5-3v9l-3-1.800M4 4l16 16',
  screen: 'M4 5h16v11H4ZM9 20h6M12 8v5M9.800 10 12 7.800 14.200 10',
  screen_off: 'M4 5h16v11H4ZM9 20h6M9.800 8.300l4.400 4.400M14.200 8.300l-4.400 4.400',
  messages: 'M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-7l-4.5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z',
  people: 'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM3.5 19a5.5 5.5 0 0 1 11 0M15.5 11a2.5 2.5 0 1 0-.5-4.900M16.5 14.200a5 5 0 0 1 4 4.800',
  invite: 'M10 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 19a6 6 0 0 1 11-3.300M18.5 14v6M15.5 17h6',
  settings: 'M5 7h6M15 7h4M5 17h4M13 17h6M13 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM11 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  leave: 'M3.5 14.5c0-1.5.3-2.600 1.300-3.400C6.700 9.600 9.200 9 12 9s5.300.6 7.200 2.100c1 .8 1.300 1.900 1.300 3.400 0 .7-.6 1.200-1.300 1l-2.900-.6c-.6-.1-1-.6-1-1.200v-1.5a12 12 0 0 0-6.600 0v1.5c0 .6-.4 1.100-1 1.200l-2.900.6c-.7.2-1.300-.3-1.300-1Z',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h10v10H9ZM5 15V5h10',
  send: 'M5 12h13M12.5 6.5 18 12l-5.5 5.5',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  server: 'M5 5h14v5H5ZM5 14h14v5H5ZM8 7.5h.01M8 16.5h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 22 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Brand(): JSX.Element {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
        <rect class="brand-tile" width="32" height="32" rx="9" />
        <circle cx="9" cy="21" r="3.5" class="brand-line-fill" />
        <circle cx="23" cy="11" r="3.5" class="brand-line-fill" />
        <path d="M9 21 23 11" class="brand-line" />
      </svg>
      <span>beeline</span>
    </span>
  );
}
