// A page of our own web app as one side of a cell. It finds the other through our server; the lines carry only its news. What it hears
// are decoded pictures, so a silence is as long as the time between two looks that saw none.
import { flags, listen, tell, watchPath } from "./lines.mjs";
import { devicesSettled, facts, openLobby } from "../../tests/browser/harness/people.mjs";

const LOOK_MS = 100;

/** Before any script of the page: these ICE servers instead of those that our server names. */
function otherServers(page, servers) {
  return page.addInitScript((iceServers) => {
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(configuration) {
        super({ ...configuration, iceServers });
      }
      setConfiguration(configuration) {
        super.setConfiguration({ ...configuration, iceServers });
      }
    };
  }, servers);
}

function iceServers({ stun, turn, user, password }) {
  const relays = turn.map(({ carrier, host, port }) =>
    `${carrier === "tls" ? "turns" : "turn"}:${host}:${port}${carrier === "udp" ? "" : "?transport=tcp"}`);
  return [{ urls: stun.map(({ host, port }) => `stun:${host}:${port}`) }, { urls: relays, username: user, credential: password }];
}

/** `begin`: starts a browser that trusts an authority's file. */
export async function sit(begin) {
  const wanted = flags();
  const browser = await begin({ authority: wanted.authority });
  const before = wanted.servers === "flags" ? (page) => otherServers(page, iceServers(wanted)) : undefined;
  const page = await openLobby(browser, { http: wanted.page }, wanted.room, { before });
  await devicesSettled(page);
  const seen = { state: null, pictures: 0, last: null, silence: 0, pair: null };

  async function look() {
    const now = await facts(page).catch(() => null);
    if (!now) return;
    if (now.state !== seen.state) tell({ type: "state", state: (seen.state = now.state) });
    if (now.framesDecoded !== seen.pictures) {
      const moment = performance.now();
      if (seen.last === null) tell({ type: "heard" });
      else seen.silence = Math.max(seen.silence, moment - seen.last);
      Object.assign(seen, { pictures: now.framesDecoded, last: moment });
    }
    const end = ({ address, port, type }) => ({ address: address ?? "hidden", port: port ?? 0, type });
    seen.pair = now.local && now.remote ? { local: end(now.local), remote: end(now.remote) } : null;
  }
  const keepLooking = async () => {
    for (;;) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };

  listen(async () => {
    await page.fill("input[name=name]", wanted.role === "controlling" ? "Mei" : "Jon");
    await page.click("[data-action=join]");
    watchPath(async () => seen.pair);
    await keepLooking();
  }, { counts: () => ({ heard: seen.pictures, longest_silence_ms: seen.silence }) });
}
