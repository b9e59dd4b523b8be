// npm's @roamhq/wrtc (libwebrtc) as one side of a cell. It has no way to trust an authority of ours, so its TURN is not over TLS.
import wrtc from "@roamhq/wrtc";
import { flags, hear, listen, talk, tell, watchPath } from "./lines.mjs";

const { role, stun, turn, user, password } = flags();
const bracketed = (host) => (host.includes(":") ? `[${host}]` : host);
const iceServers = [
  ...stun.map(({ host, port }) => ({ urls: `stun:${bracketed(host)}:${port}` })),
  ...turn.filter(({ carrier }) => carrier !== "tls").map(({ carrier, host, port }) =>
    ({ urls: `turn:${bracketed(host)}:${port}?transport=${carrier}`, username: user, credential: password })),
];
let connection;
const early = [];

function use(channel) {
  channel.onmessage = ({ data }) => hear(data);
  const begin = () => talk((text) => channel.send(text));
  if (channel.readyState === "open") begin();
  else channel.onopen = begin;
}

async function describe(making) {
  await connection.setLocalDescription(await making);
  tell({ type: "description", sdp: connection.localDescription.sdp, kind: connection.localDescription.type });
}

async function selectedPair() {
  const stats = await connection.getStats();
  const all = [...stats.values()];
  const transport = all.find(({ type }) => type === "transport");
  const pair = stats.get(transport?.selectedCandidatePairId);
  const end = (id) => {
    const { address, ip, port, candidateType } = stats.get(id);
    return { address: address ?? ip, port, type: candidateType };
  };
  return pair && { local: end(pair.localCandidateId), remote: end(pair.remoteCandidateId) };
}

function start() {
  connection = new wrtc.RTCPeerConnection({ iceServers });
  connection.onicecandidate = ({ candidate }) => candidate?.candidate && tell({ type: "candidate", ...candidate.toJSON() });
  connection.oniceconnectionstatechange = () => {
    const state = connection.iceConnectionState;
    tell({ type: "state", state: state === "completed" ? "connected" : state });
  };
  connection.ondatachannel = ({ channel }) => use(channel);
  watchPath(selectedPair);
  if (role !== "controlling") return;
  use(connection.createDataChannel("numbers", { ordered: false, maxRetransmits: 0 }));
  void describe(connection.createOffer());
}

listen(start, {
  async description({ sdp, kind }) {
    await connection.setRemoteDescription({ type: kind, sdp });
    if (kind === "offer") await describe(connection.createAnswer());
    for (const candidate of early.splice(0)) await connection.addIceCandidate(candidate);
  },
  async candidate({ candidate, sdpMid, sdpMLineIndex }) {
    const one = { candidate, sdpMid, sdpMLineIndex };
    if (connection.remoteDescription) await connection.addIceCandidate(one);
    else early.push(one);
  },
});
