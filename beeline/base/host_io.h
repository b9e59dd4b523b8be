// The words between a client's core and its host. A core (the ICE agent, the mDNS cores) asks for
// sockets, streams, names and interfaces with a HostRequest, is told of them with a HostInput and
// sends with a HostTransmit. A host (net/, sim/) serves any core that speaks these words.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/packet.h"

namespace beeline {

// Chosen by the core, never used twice by it.
struct SocketId {
  std::uint32_t value = 0;
  auto operator<=>(const SocketId&) const = default;
};

// Chosen by the core, except those of accepted streams: the host takes them from kAccepted upwards.
struct StreamId {
  static constexpr std::uint32_t kAccepted = 0x8000'0000;
  std::uint32_t value = 0;
  auto operator<=>(const StreamId&) const = default;
};

struct NameQueryId {
  std::uint32_t value = 0;
  auto operator<=>(const NameQueryId&) const = default;
};

enum class StreamKind : std::uint8_t { kTcp, kTls };

// One address of one network interface. The same address after an interface went and came back is
// a new one to the core if InterfacesChanged did not list it in between.
struct Interface {
  std::string name;  // "eth0", for people
  IpAddress address;
  auto operator<=>(const Interface&) const = default;
};

// --- what a core asks for ------------------------------------------------------------------------

// Answered by InterfacesChanged at once, and again at every change.
struct WatchInterfaces {};

// Answered by UdpBound or UdpClosed. Port 0: any.
struct BindUdp {
  SocketId socket;
  TransportAddress local;
};

// Binds a socket that hears a multicast group on one interface (mDNS), sharing the port with others
// of the machine. Answered by UdpBound or UdpClosed.
struct JoinGroup {
  SocketId socket;
  TransportAddress group;
  IpAddress interface;
};

// Nothing comes from that socket after this, not even UdpClosed.
struct ReleaseUdp {
  SocketId socket;
};

// Answered by StreamOpened or StreamClosed. Leaves from `local`; `server_name` is what a TLS
// certificate must be for (an address in text where there is no name).
struct OpenStream {
  StreamId stream;
  StreamKind kind = StreamKind::kTcp;
  IpAddress local;
  TransportAddress remote;
  std::string server_name;
};

// Answered by StreamListening or StreamClosed. Port 0: any.
struct ListenStreams {
  StreamId listener;
  TransportAddress local;
};

// Also a listener; nothing comes from it after this, not even StreamClosed.
struct CloseStream {
  StreamId stream;
};

// Answered by NameResolved.
struct ResolveName {
  NameQueryId query;
  std::string name;
};

using HostRequest = std::variant<WatchInterfaces, BindUdp, JoinGroup, ReleaseUdp, OpenStream,
                                 ListenStreams, CloseStream, ResolveName>;

// --- what a core is told -------------------------------------------------------------------------

// All there are now. Sockets and streams of an address that is gone are closed by the host, which
// says so with UdpClosed and StreamClosed.
struct InterfacesChanged {
  std::vector<Interface> interfaces;
};

struct UdpBound {
  SocketId socket;
  TransportAddress local;
};

// Could not be bound, or its address went away.
struct UdpClosed {
  SocketId socket;
};

struct Datagram {
  SocketId socket;
  TransportAddress source;
  Packet packet;
};

struct StreamOpened {
  StreamId stream;
  TransportAddress local;
};

struct StreamListening {
  StreamId listener;
  TransportAddress local;
};

struct StreamAccepted {
  StreamId listener;
  StreamId stream;
  TransportAddress remote;
};

// Borrowed for the call.
struct StreamBytes {
  StreamId stream;
  Bytes bytes;
};

// False: so much is unsent that what is not needed should not be added; true: go on.
struct StreamWritable {
  StreamId stream;
  bool writable = true;
};

enum class StreamEnd : std::uint8_t {
  kByPeer,         // closed or reset by the other side
  kRefused,        // nobody listens there
  kNoAnswer,       // silence until the host gave up
  kNoCertificate,  // TLS: what the server showed is not trusted, or for another name
  kLocal,          // the address it left from went away
};

struct StreamClosed {
  StreamId stream;
  StreamEnd reason = StreamEnd::kByPeer;
};

// Empty: there is no such name, or no answer.
struct NameResolved {
  NameQueryId query;
  std::vector<IpAddress> addresses;
};

using HostInput =
    std::variant<InterfacesChanged, UdpBound, UdpClosed, Datagram, StreamOpened, StreamListening,
                 StreamAccepted, StreamBytes, StreamWritable, StreamClosed, NameResolved>;

// --- what a core sends ---------------------------------------------------------------------------

struct SendDatagram {
  SocketId socket;
  TransportAddress destination;
  Packet packet;
};

// Bytes in order; where they are cut means nothing.
struct SendStream {
  StreamId stream;
  Packet packet;
};

using HostTransmit = std::variant<SendDatagram, SendStream>;

}  // namespace beeline

template <>
struct std::hash<beeline::SocketId> {
  std::size_t operator()(beeline::SocketId id) const noexcept { return id.value; }
};
template <>
struct std::hash<beeline::StreamId> {
  std::size_t operator()(beeline::StreamId id) const noexcept { return id.value; }
};
