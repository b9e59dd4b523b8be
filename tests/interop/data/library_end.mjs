// One end in a process of its own: `node library_end.mjs libdatachannel|libwebrtc`, lines of data_peer.h on standard input and output.

import { createInterface } from 'node:readline';
import { fnv, w3cEnd } from './w3c_end.mjs';

const LIBRARIES = {
  libdatachannel: async () => (await import('node-datachannel/polyfill')).RTCPeerConnection,
  libwebrtc: async () => (await import('@roamhq/wrtc')).default.RTCPeerConnection,
};
const RTCPeerConnection = await LIBRARIES[process.argv[2]]();
const hear = w3cEnd(RTCPeerConnection, { iceServers: [] }, (message) => console.log(JSON.stringify(message)), fnv);
const lines = createInterface({ input: process.stdin });
lines.on('line', async (line) => {
  const message = JSON.parse(line);
  await hear(message);
  if (message.type === 'end') process.exit(0);
});
lines.on('close', () => process.exit(0));
