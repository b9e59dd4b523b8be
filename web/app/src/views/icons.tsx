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
  back: 'M14.500 6 8.500 12l6 6',
  lock: 'M6.5 11h11v8.5h-11ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.500v2',
  unlock: 'M6.5 11h11v8.5h-11ZM8.5 11V8a3.5 3.5 0 0 1 6.800-1.200M12 14.500v2',
  attach: 'M17.5 11.500 12 17a3.500 3.500 0 0 1-5-5l6.500-6.500a2.300 2.300 0 0 1 3.300 3.300L10.500 15a1.100 1.100 0 0 1-1.600-1.600l5.100-5.100',
  file: 'M7 3.500h6.500L18 8v12.500H7ZM13.500 3.500V8H18',
  eye: 'M3 12c2.500-4.300 5.500-6.500 9-6.500s6.500 2.200 9 6.500c-2.500 4.300-5.500 6.500-9 6.500S5.500 16.300 3 12ZM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  bell: 'M6.5 16.500V11a5.500 5.500 0 0 1 11 0v5.500l1.500 1.500H5ZM10.500 20.500h3',
  shield: 'M12 3.500 5.500 6v5.500c0 4 2.700 7 6.500 8.500 3.800-1.500 6.500-4.500 6.500-8.500V6ZM9 12l2.200 2.200L15.200 10',
  grid: 'M5 5h6v6H5ZM13 5h6v6h-6ZM5 13h6v6H5ZM13 13h6v6h-6Z',
  speaker: 'M4 5h16v9H4ZM4 17h4v2.500H4ZM10 17h4v2.500h-4ZM16 17h4v2.500h-4Z',
  live: 'M12 13.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM8.200 15.800a5.400 5.400 0 0 1 0-7.600M15.800 8.200a5.400 5.400 0 0 1 0 7.600M5.300 18.700a9.500 9.500 0 0 1 0-13.400M18.700 5.300a9.500 9.500 0 0 1 0 13.400',
  plus: 'M12 5.500v13M5.500 12h13',
  trash: 'M5 7h14M9.500 7V4.500h5V7M7 7l.8 12.500h8.400L17 7',
  checks: 'M2.5 12.5l4.500 4.500L16.500 7.500M10.500 15.500l1.500 1.500 9.500-9.500',
  download: 'M12 4.500v10.500M7.500 11 12 15.500 16.500 11M5 19.500h14',
  clock: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM12 8v4.500l3 1.800',
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
