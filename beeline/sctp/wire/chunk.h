// The chunks of RFC 9260, 3758, 4820, 6525 and 8260, as data. Views into the packet they were read
// from; writing is wire/packet_builder.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "beeline/base/bytes.h"
#include "beeline/sctp/numbers.h"
#include "beeline/sctp/wire/tlv.h"

namespace beeline::sctp {

enum class ChunkType : std::uint8_t {
  kData = 0,
  kInit = 1,
  kInitAck = 2,
  kSack = 3,
  kHeartbeat = 4,
  kHeartbeatAck = 5,
  kAbort = 6,
  kShutdown = 7,
  kShutdownAck = 8,
  kError = 9,
  kCookieEcho = 10,
  kCookieAck = 11,
  kShutdownComplete = 14,
  kIData = 64,        // RFC 8260 §2.1
  kReConfig = 130,    // RFC 6525 §3.1
  kPad = 132,         // RFC 4820 §3
  kForwardTsn = 192,  // RFC 3758 §3.2
  kIForwardTsn = 194  // RFC 8260 §2.3.1
};

enum class ParseError : std::uint8_t {
  kTooShort,
  kBadLength,    // a length that leaves its packet or chunk
  kBadChecksum,  // RFC 9260 §6.8
  kBadValue      // what the RFC says must be dropped
};

struct Chunk {
  ChunkType type = ChunkType::kData;
  std::uint8_t flags = 0;
  Bytes value;
  Bytes whole;
};

// The 12 bytes before the chunks (RFC 9260 §3.1).
struct PacketHeader {
  static constexpr std::size_t kSize = 12;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  VerificationTag tag;
};

// Walks the chunks of a packet whose checksum is right, or zero where that is `zero_is_fine`
// (RFC 9653 §5.3).
class PacketReader {
 public:
  static std::expected<PacketReader, ParseError> parse(Bytes packet, bool zero_is_fine);

  const PacketHeader& header() const { return header_; }
  // None at the end, or where a length is wrong: what came before counts (RFC 9260 §6.10).
  std::optional<Chunk> next();
  bool ok() const { return chunks_.ok(); }

 private:
  PacketReader(PacketHeader header, Bytes chunks) : header_(header), chunks_(chunks) {}

  PacketHeader header_;
  TlvReader chunks_;
};

// DATA (RFC 9260 §3.3.1) and I-DATA (RFC 8260 §2.1): one fragment of a message.
struct DataChunk {
  static constexpr std::uint8_t kEnd = 1, kBegin = 2, kUnordered = 4, kImmediate = 8;
  static constexpr std::size_t kHeader = 16;             // of DATA, with the chunk's own four
  static constexpr std::size_t kInterleavedHeader = 20;  // of I-DATA

  Tsn tsn;
  StreamId stream;
  bool begin = false, end = false, unordered = false, immediate = false;
  bool interleaved = false;    // I-DATA
  std::uint32_t message = 0;   // the SSN (16 bits) of DATA, the MID of I-DATA
  std::uint32_t fragment = 0;  // the FSN of I-DATA; 0 in a first fragment
  PayloadProtocolId protocol;  // of I-DATA only in a first fragment
  Bytes payload;
};
std::expected<DataChunk, ParseError> parse_data(const Chunk& chunk);

// INIT and INIT ACK (RFC 9260 §3.3.2, §3.3.3).
struct InitChunk {
  static constexpr std::size_t kSize = 16;  // without the chunk's own four bytes
  VerificationTag tag;
  std::uint32_t window = 0;  // bytes
  std::uint16_t outbound_streams = 0;
  std::uint16_t inbound_streams = 0;
  Tsn first_tsn;
  Bytes parameters;
};
std::expected<InitChunk, ParseError> parse_init(const Chunk& chunk);

// RFC 9260 §3.3.4. Walks its gap blocks without copying them.
class SackChunk {
 public:
  struct Block {  // offsets from cumulative()
    std::uint16_t first = 0, last = 0;
  };
  static std::expected<SackChunk, ParseError> parse(const Chunk& chunk);

  Tsn cumulative() const { return cumulative_; }
  std::uint32_t window() const { return window_; }
  std::size_t blocks() const { return blocks_.size() / 4; }
  Block block(std::size_t index) const;
  std::size_t duplicates() const { return duplicates_.size() / 4; }
  Tsn duplicate(std::size_t index) const;

 private:
  Tsn cumulative_;
  std::uint32_t window_ = 0;
  Bytes blocks_;
  Bytes duplicates_;
};

// FORWARD TSN (RFC 3758 §3.2) and I-FORWARD-TSN (RFC 8260 §2.3.1).
class ForwardTsnChunk {
 public:
  struct Skipped {
    StreamId stream;
    bool unordered = false;
    std::uint32_t message = 0;  // the last SSN or MID to be skipped
  };
  static std::expected<ForwardTsnChunk, ParseError> parse(const Chunk& chunk);

  Tsn cumulative() const { return cumulative_; }
  bool interleaved() const { return interleaved_; }
  std::size_t skips() const { return skips_.size() / (interleaved_ ? 8 : 4); }
  Skipped skip(std::size_t index) const;

 private:
  Tsn cumulative_;
  bool interleaved_ = false;
  Bytes skips_;
};

// A four-byte TSN: SHUTDOWN (RFC 9260 §3.3.8).
std::expected<Tsn, ParseError> parse_shutdown(const Chunk& chunk);

}  // namespace beeline::sctp
