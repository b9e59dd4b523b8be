"""One end of a call on aiortc: the lines of data_peer.h on standard input and output."""
import asyncio
import json
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp


def tell(**message):
    print(json.dumps(message), flush=True)


def fnv(data):
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


class End:
    def __init__(self):
        self.connection = RTCPeerConnection()
        self.channels = {}
        self.connection.on("datachannel", self.on_channel)
        self.connection.on("connectionstatechange", lambda: tell(type="state", state=self.connection.connectionState))

    def adopt(self, channel):
        number = len(self.channels) + 1
        self.channels[number] = channel
        channel.on("open", lambda: tell(type="open", channel=number))
        if channel.readyState == "open":
            # It was before anybody could listen.
            asyncio.get_running_loop().call_soon(lambda: tell(type="open", channel=number))
        channel.on("close", lambda: tell(type="closed", channel=number))
        channel.on("message", lambda data: self.on_message(number, data))
        return number

    def on_channel(self, channel):
        limits = {"maxRetransmits": channel.maxRetransmits, "maxPacketLifeTime": channel.maxPacketLifeTime}
        tell(type="channel", channel=self.adopt(channel), label=channel.label, protocol=channel.protocol,
             ordered=channel.ordered, **{key: value for key, value in limits.items() if value is not None})

    @staticmethod
    def on_message(number, data):
        if isinstance(data, str):
            tell(type="message", channel=number, text=data)
        else:
            tell(type="message", channel=number, size=len(data), first=data[0] if data else -1, sum=fnv(data))

    async def describe(self, description):
        await self.connection.setLocalDescription(description)
        local = self.connection.localDescription
        tell(type="description", description={"type": local.type, "sdp": local.sdp})

    async def hear(self, message):
        kind = message["type"]
        if kind == "description":
            described = message["description"]
            await self.connection.setRemoteDescription(RTCSessionDescription(sdp=described["sdp"], type=described["type"]))
            if described["type"] == "offer":
                await self.describe(await self.connection.createAnswer())
        elif kind == "candidate":
            text = message["candidate"]["candidate"]
            if not text:
                return
            candidate = candidate_from_sdp(text.removeprefix("candidate:"))
            candidate.sdpMid = message["candidate"]["sdpMid"]
            candidate.sdpMLineIndex = message["candidate"]["sdpMLineIndex"]
            await self.connection.addIceCandidate(candidate)
        elif kind == "offer":
            await self.describe(await self.connection.createOffer())
        elif kind == "open":
            options = {key: message[key] for key in ("maxRetransmits", "maxPacketLifeTime", "protocol", "ordered") if key in message}
            if "id" in message:
                options |= {"id": message["id"], "negotiated": True}
            tell(type="opening", channel=self.adopt(self.connection.createDataChannel(message["label"], **options)), label=message["label"])
        elif kind == "send":
            if "text" in message:
                self.channels[message["channel"]].send(message["text"])
            else:
                self.channels[message["channel"]].send(bytes((message["first"] + i) & 255 for i in range(message["size"])))
        elif kind == "close":
            self.channels[message["channel"]].close()
        elif kind == "end":
            await self.connection.close()
            sys.exit(0)
        else:
            tell(type="refused", unknown=kind)


async def main():
    end = End()
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await end.hear(json.loads(line))


asyncio.run(main())
