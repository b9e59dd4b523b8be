// One end of a call on the W3C's API, whoever has it: a browser's page, libwebrtc or libdatachannel in Node. Speaks the
// same lines as data_peer.h, as objects. No imports: browsers get the function as text.

/**
 * `RTCPeerConnection` and its constructor's configuration; `tell(object)` takes what a data_peer would print. Returns a
 * function that takes what a data_peer would read.
 */
export function w3cEnd(RTCPeerConnection, configuration, tell, digest) {
  const connection = new RTCPeerConnection(configuration);
  const channels = new Map();
  let next = 1;
  let busy = Promise.resolve();
  const waiting = [];
  let quiet = false;
  let echo = false;
  let flooding = false;
  let pong = null;
  let messages = 0;
  let received = 0;

  const adopt = (channel) => {
    const number = next;
    next += 1;
    channels.set(number, channel);
    channel.binaryType = 'arraybuffer';
    // Some open it before anybody can listen, and some of those say so again.
    let open = false;
    const opened = () => {
      if (!open) tell({ type: 'open', channel: number });
      open = true;
    };
    channel.onopen = opened;
    if (channel.readyState === 'open') setTimeout(opened);
    channel.onclose = () => tell({ type: 'closed', channel: number });
    channel.onmessage = ({ data }) => {
      if (typeof data === 'string') {
        tell({ type: 'message', channel: number, text: data });
        return;
      }
      messages += 1;
      received += data.byteLength;
      if (pong) return void pong();
      if (echo) return void channel.send(data);
      if (quiet) return;
      const bytes = new Uint8Array(data);
      tell({ type: 'message', channel: number, size: bytes.length, first: bytes.length ? bytes[0] : -1, sum: digest(bytes) });
    };
    return number;
  };

  connection.onicecandidate = ({ candidate }) => {
    if (!candidate) return;
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
    tell({ type: 'candidate', candidate: { candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment: usernameFragment ?? '' } });
  };
  connection.onconnectionstatechange = () => tell({ type: 'state', state: connection.connectionState });
  connection.ondatachannel = ({ channel }) => {
    const { label, protocol, ordered, maxRetransmits, maxPacketLifeTime } = channel;
    tell({ type: 'channel', channel: adopt(channel), label, protocol, ordered, maxRetransmits, maxPacketLifeTime });
  };

  const describe = async (make) => {
    const description = await make();
    await connection.setLocalDescription(description);
    const { type, sdp } = connection.localDescription ?? description;
    tell({ type: 'description', description: { type, sdp } });
  };

  const hear = {
    async description({ description }) {
      await connection.setRemoteDescription(description);
      for (const candidate of waiting.splice(0)) await connection.addIceCandidate(candidate);
      if (description.type === 'offer') await describe(() => connection.createAnswer());
    },
    async candidate({ candidate }) {
      if (!connection.remoteDescription) {
        waiting.push(candidate);
        return;
      }
      // Only a browser takes an empty candidate for the end.
      if (candidate.candidate !== '') await connection.addIceCandidate(candidate);
    },
    offer: () => describe(() => connection.createOffer()),
    restart: () => describe(() => connection.createOffer({ iceRestart: true })),
    async open({ label, protocol, ordered, id, maxRetransmits, maxPacketLifeTime }) {
      const options = { protocol, ordered, maxRetransmits, maxPacketLifeTime };
      if (id !== undefined) Object.assign(options, { id, negotiated: true });
      for (const key of Object.keys(options)) if (options[key] === undefined) delete options[key];
      tell({ type: 'opening', channel: adopt(connection.createDataChannel(label, options)), label });
    },
    async send({ channel, text, size, first }) {
      const to = channels.get(channel);
      to.send(text ?? Uint8Array.from({ length: size }, (_, index) => (first + index) & 255));
    },
    // As fast as it goes: what waits stays between half a megabyte and one, which all of them take.
    async flood({ channel, size }) {
      const to = channels.get(channel);
      const content = new Uint8Array(size).fill(7);
      flooding = true;
      const fill = () => {
        while (flooding && to.readyState === 'open' && to.bufferedAmount < 1_048_576) to.send(content);
      };
      to.bufferedAmountLowThreshold = 524_288;
      to.onbufferedamountlow = fill;
      fill();
    },
    async stop() {
      flooding = false;
    },
    async quiet() {
      quiet = true;
    },
    async echo() {
      echo = true;
    },
    async tally() {
      tell({ type: 'tally', messages, bytes: received });
    },
    async pingpong({ channel, size, count }) {
      const to = channels.get(channel);
      const content = new Uint8Array(size);
      const took = [];
      let sent;
      pong = () => {
        took.push((performance.now() - sent) * 1000);
        if (took.length < count) return ping();
        pong = null;
        const seconds = took.reduce((sum, each) => sum + each, 0) / 1e6;
        took.sort((x, y) => x - y);
        tell({ type: 'pongs', count, seconds, p50Us: took[count >> 1], p99Us: took[Math.floor(count * 0.99)] });
      };
      const ping = () => {
        sent = performance.now();
        to.send(content);
      };
      ping();
    },
    async close({ channel }) {
      channels.get(channel).close();
    },
    async end() {
      connection.close();
    },
  };
  return (message) => {
    busy = busy.then(() => hear[message.type](message)).catch((error) => tell({ type: 'refused', detail: String(error) }));
    return busy;
  };
}

/** FNV-1a over bytes: enough to tell whether they are those that were sent, and everywhere at hand. */
export function fnv(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
