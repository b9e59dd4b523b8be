#include "beeline/sctp/association/handshake.h"

#include <algorithm>

#include "beeline/crypto/digest.h"
#include "beeline/sctp/rules.h"

namespace beeline::sctp {
namespace {

constexpr std::size_t kPeerSize = 22;
constexpr std::size_t kSealSize = 16;
// What an INIT ACK has beside its cookie and what it reports, with the header and padding of one
// report more: bytes, at most.
constexpr std::size_t kAroundReport = 80;

// No tag is 0 (RFC 9260 §5.3.1).
VerificationTag draw_tag(Random& random) {
  VerificationTag tag;
  while (tag.value == 0) tag.value = random.u32();
  return tag;
}

std::uint8_t to_bits(const Capabilities& capabilities) {
  return static_cast<std::uint8_t>(
      (capabilities.partial_reliability ? 1 : 0) | (capabilities.interleaving ? 2 : 0) |
      (capabilities.re_config ? 4 : 0) | (capabilities.zero_checksum ? 8 : 0));
}

Capabilities from_bits(std::uint8_t bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
}

}  // namespace

Handshake::Handshake(const Settings& settings, Random random) : settings_(settings) {
  random.fill(secret_);
  tag_ = draw_tag(random);
  first_tsn_ = {random.u32()};
}

//= RFC 9260 §3.3.2
//  |                         Initiate Tag                          |
//  |           Advertised Receiver Window Credit (a_rwnd)          |
//  |  Number of Outbound Streams   |   Number of Inbound Streams   |
//  |                          Initial TSN                          |
std::vector<std::uint8_t> Handshake::init_value(bool tell_zero_checksum,
                                                const std::vector<std::uint8_t>& more) const {
  std::vector<std::uint8_t> value(InitChunk::kSize);
  ByteWriter writer(value);
  writer.u32(tag_.value);
  writer.u32(static_cast<std::uint32_t>(std::min(settings_.max_window, std::size_t{1024 * 1024})));
  writer.u16(settings_.streams);
  writer.u16(settings_.streams);
  writer.u32(first_tsn_.value);
  Capabilities capabilities = settings_.capabilities;
  // Pion v3 drops an INIT with a parameter that it does not know, though RFC 9260 §3.2.1 has it
  // skipped. So this one is told where it harms nobody: in a description, and to whom tells it.
  capabilities.zero_checksum &= tell_zero_checksum;
  const auto parameters = write_capabilities(capabilities);
  value.insert(value.end(), parameters.begin(), parameters.end());
  value.insert(value.end(), more.begin(), more.end());
  return value;
}

std::vector<std::uint8_t> Handshake::local_init() const {
  const auto value = init_value(true, {});
  std::vector<std::uint8_t> chunk;
  append_parameter(chunk, static_cast<ParameterType>(std::to_underlying(ChunkType::kInit) << 8),
                   value);
  return chunk;
}

void Handshake::wait(Instant now) {
  again_at_ = now + wait_;
  wait_ = rules::next_handshake_wait(wait_);
}

void Handshake::begin(Instant now) {
  if (state_ != State::kClosed) return;
  state_ = State::kCookieWait;
  owes_init_ = true;
  wait_ = rules::first_handshake_wait(settings_.round_trip);
  wait(now);
}

bool Handshake::begin_with(const Chunk& remote_init) {
  const auto init = parse_init(remote_init);
  if (!init || state_ != State::kClosed) return false;
  // libdatachannel writes attributes that it does not know back into its answer: our own INIT says
  // nothing about the other side.
  if (init->tag == tag_ && init->first_tsn == first_tsn_) return false;
  const auto parameters = parse_init_parameters(init->parameters);
  if (!parameters) return false;
  peer_ = *read_peer(*init, *parameters);
  establish();
  return true;
}

std::optional<Peer> Handshake::read_peer(const InitChunk& init, const InitParameters& parameters) {
  return Peer{init.tag,
              init.first_tsn,
              init.window,
              init.outbound_streams,
              init.inbound_streams,
              parameters.capabilities};
}

bool Handshake::on_init(const Chunk& chunk) {
  const auto init = parse_init(chunk);
  if (!init) return false;
  const auto parameters = parse_init_parameters(init->parameters);
  if (!parameters) return false;
  if (state_ == State::kEstablished && init->tag != peer_.tag && !rules::takes_restart())
    return false;
  //= RFC 9260 §5.1
  // Nothing is kept but what the cookie carries, to come back with it.
  std::vector<std::uint8_t> more;
  append_parameter(more, ParameterType::kStateCookie, make_cookie(*read_peer(*init, *parameters)));
  // As much of what is unknown as fits: a report, and no use to anybody in pieces.
  for (const Bytes unknown : parameters->unrecognized)
    if (more.size() + unknown.size() + kAroundReport <= settings_.packet)
      append_parameter(more, ParameterType::kUnrecognized, unknown);
  answer_ = InitAnswer{init->tag, init_value(parameters->capabilities.zero_checksum, more)};
  return true;
}

bool Handshake::on_init_ack(const Chunk& chunk, Instant now) {
  //= RFC 9260 §5.2.3
  if (state_ != State::kCookieWait) return false;
  const auto init = parse_init(chunk);
  if (!init) return false;
  const auto parameters = parse_init_parameters(init->parameters);
  if (!parameters || !parameters->cookie) return false;
  // It has to fit the packet that brings it back.
  constexpr std::size_t kAround = PacketHeader::kSize + 2 * TlvReader::kHeader;
  if (parameters->cookie->size() + kAround > settings_.packet) return false;
  peer_ = *read_peer(*init, *parameters);
  cookie_.assign(parameters->cookie->begin(), parameters->cookie->end());
  state_ = State::kCookieEchoed;
  owes_init_ = false;
  owes_echo_ = true;
  silences_ = 0;
  wait_ = rules::first_handshake_wait(settings_.round_trip);
  wait(now);
  return true;
}

std::vector<std::uint8_t> Handshake::make_cookie(const Peer& peer) const {
  std::vector<std::uint8_t> cookie(kPeerSize + kSealSize);
  ByteWriter writer(cookie);
  writer.u32(tag_.value);
  writer.u32(peer.tag.value);
  writer.u32(peer.first_tsn.value);
  writer.u32(peer.window);
  writer.u16(peer.outbound_streams);
  writer.u16(peer.inbound_streams);
  writer.u8(to_bits(peer.capabilities));
  writer.u8(0);
  const auto seal = crypto::hmac_sha256(secret_, {writer.written()});
  writer.append(Bytes(seal).first(kSealSize));
  return cookie;
}

//= RFC 9260 §5.1.5
std::optional<Peer> Handshake::open_cookie(Bytes cookie) const {
  if (cookie.size() != kPeerSize + kSealSize) return std::nullopt;
  const auto seal = crypto::hmac_sha256(secret_, {cookie.first(kPeerSize)});
  ByteReader reader(cookie);
  const VerificationTag made_for{reader.u32()};
  const bool sealed =
      crypto::equal_in_constant_time(Bytes(seal).first(kSealSize), cookie.subspan(kPeerSize));
  if (!rules::admits_cookie(sealed, made_for, tag_)) return std::nullopt;
  Peer peer;
  peer.tag = {reader.u32()};
  peer.first_tsn = {reader.u32()};
  peer.window = reader.u32();
  peer.outbound_streams = reader.u16();
  peer.inbound_streams = reader.u16();
  peer.capabilities = from_bits(reader.u8());
  return peer;
}

bool Handshake::on_cookie_echo(const Chunk& chunk, VerificationTag packet_tag) {
  if (packet_tag != tag_) return false;
  const auto peer = open_cookie(chunk.value);
  if (!peer) return false;
  if (state_ == State::kEstablished) {
    //= RFC 9260 §5.2.4
    // Action D: our COOKIE ACK got lost.
    if (peer->tag != peer_.tag && !rules::takes_restart()) return false;
    peer_.tag = peer->tag;
    owes_ack_ = true;
    return true;
  }
  // Both began at once and the cookies cross (action B), or it is the first (§5.1, E).
  peer_ = *peer;
  establish();
  owes_ack_ = true;
  return true;
}

bool Handshake::on_cookie_ack() {
  //= RFC 9260 §5.2.5
  if (state_ != State::kCookieEchoed) return false;
  establish();
  return true;
}

void Handshake::on_implied_cookie_ack() {
  if (state_ == State::kCookieEchoed) establish();
}

void Handshake::on_stale_cookie(Instant now) {
  //= RFC 9260 §5.2.6
  if (state_ != State::kCookieEchoed) return;
  state_ = State::kClosed;
  owes_echo_ = false;
  begin(now);
}

void Handshake::establish() {
  state_ = State::kEstablished;
  owes_init_ = owes_echo_ = false;
  again_at_.reset();
  cookie_.clear();
}

std::optional<Packet> Handshake::write_alone(PacketPool& packets) {
  const auto write = [&](VerificationTag tag, ChunkType type, Bytes value) {
    PacketBuilder builder(packets, {settings_.local_port, settings_.remote_port, tag},
                          Packet::kMaxPayload);
    builder.chunk(type, 0, value);
    //= RFC 9653 §5.2
    return builder.finish(false);
  };
  if (answer_) {
    const InitAnswer answer = std::move(*answer_);
    answer_.reset();
    return write(answer.tag, ChunkType::kInitAck, answer.value);
  }
  if (!owes_init_) return std::nullopt;
  owes_init_ = false;
  //= RFC 9260 §8.5.1
  return write({0}, ChunkType::kInit, init_value(false, {}));
}

bool Handshake::write(PacketBuilder& builder) {
  if (owes_ack_) {
    builder.chunk(ChunkType::kCookieAck, 0, Bytes{});
    owes_ack_ = false;
  }
  if (!owes_echo_) return false;
  builder.chunk(ChunkType::kCookieEcho, 0, cookie_);
  owes_echo_ = false;
  return true;
}

void Handshake::handle_timeout(Instant now) {
  if (!again_at_ || *again_at_ > now) return;
  if (state_ == State::kCookieWait) owes_init_ = true;
  if (state_ == State::kCookieEchoed) owes_echo_ = true;
  ++silences_;
  wait(now);
}

}  // namespace beeline::sctp
