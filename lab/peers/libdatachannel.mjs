// npm's node-datachannel (libdatachannel with libjuice) as one side of a cell. Its TURN client speaks UDP alone.
import datachannel from "node-datachannel";
import { flags, hear, listen, talk, tell, watchPath } from "./lines.mjs";

const { role, stun, turn, user, password } = flags();
const servers = [
  ...stun.map(({ host, port }) => ({ hostname: host, port })),
  ...turn.filter(({ carrier }) => carrier === "udp")
    .map(({ host, port }) => ({ hostname: host, port, username: user, password, relayType: "TurnUdp" })),
];
let connection;
const early = []; // candidates that came before the description: it ends the process for them
let described = false;

function use(channel) {
  channel.onMessage(hear);
  const begin = () => talk((text) => channel.sendMessage(text));
  if (channel.isOpen()) begin();
  else channel.onOpen(begin);
}

function start() {
  connection = new datachannel.PeerConnection(role, { iceServers: servers });
  connection.onLocalDescription((sdp, type) => tell({ type: "description", sdp, kind: type }));
  connection.onLocalCandidate((candidate, mid) => tell({ type: "candidate", candidate, mid }));
  connection.onIceStateChange((state) => tell({ type: "state", state: state === "completed" ? "connected" : state }));
  connection.onDataChannel(use);
  watchPath(() => {
    const pair = connection.getSelectedCandidatePair();
    return pair && { local: pair.local, remote: pair.remote };
  });
  if (role === "controlling") use(connection.createDataChannel("numbers", { unordered: true, maxRetransmits: 0 }));
}

listen(start, {
  description({ sdp, kind }) {
    connection.setRemoteDescription(sdp, kind);
    described = true;
    for (const { candidate, mid } of early) connection.addRemoteCandidate(candidate, mid);
  },
  candidate(message) {
    if (described) connection.addRemoteCandidate(message.candidate, message.mid);
    else early.push(message);
  },
});
