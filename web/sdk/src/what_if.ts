// What-if: the same two people on a network that allows less. All a page can do is to leave paths out, so each of them
// is "through a relay, reached in such a way"; whether the server offers that is part of the answer.

export const WHAT_IFS = ['as_it_is', 'relay_only', 'no_udp', 'tcp_only'] as const;
export type WhatIf = (typeof WHAT_IFS)[number];

const LEFT: Record<WhatIf, RegExp> = {
  as_it_is: /./,
  relay_only: /^turns?:/,
  no_udp: /^turns:|^turn:.*[?&]transport=tcp/,
  tcp_only: /^turn:.*[?&]transport=tcp/,
};

/** The ICE servers that such a network lets through. */
export function serversUnder(whatIf: WhatIf, servers: readonly RTCIceServer[]): RTCIceServer[] {
  return servers
    .map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => LEFT[whatIf].test(url)) }))
    .filter(({ urls }) => urls.length > 0);
}

/** Whether a relay among these is reached over UDP: one that a network without UDP leaves out. */
export function offersRelayOverUdp(servers: readonly RTCIceServer[]): boolean {
  const urls = (whatIf: WhatIf): string[] => serversUnder(whatIf, servers).flatMap((server) => server.urls);
  return urls('relay_only').length > urls('no_udp').length;
}
