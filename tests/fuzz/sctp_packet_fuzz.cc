// sctp::Association against another side that says anything. The first byte: what both can and how
// far the handshake is. Then steps: a byte that says which, one how long, and that many bytes.
#include <algorithm>
#include <array>

#include "beeline/sctp/test_alone.h"
#include "beeline/sctp/wire/crc32c.h"

using namespace beeline;

namespace {

constexpr std::size_t kMaxSteps = 200;
constexpr std::size_t kMaxWakes = 2000;      // in one jump of a minute
constexpr std::size_t kMaxChunksOut = 3000;  // for one step
constexpr std::size_t kWindow = 64 * 1024;

sctp::Settings settings(std::uint8_t flags) {
  sctp::Settings made;
  made.max_window = kWindow;
  made.max_message = kWindow / 4;
  made.capabilities.interleaving = (flags & 1) != 0;
  made.capabilities.partial_reliability = (flags & 2) == 0;
  made.capabilities.zero_checksum = (flags & 4) != 0;
  if ((flags & 8) != 0) made.congestion = sctp::CongestionModel::kCubic;
  return made;
}

class World {
 public:
  explicit World(std::uint8_t flags) : end(settings(flags)) {
    const std::uint8_t stage = flags >> 4 & 3;
    if (stage == 0) return;
    end.association.connect(end.now);
    end.settle();
    if (stage > 1) end.say(answer((flags & 1) != 0));
    if (stage > 2) end.say({{sctp::ChunkType::kCookieAck, 0, {}}});
  }

  void step(std::uint8_t what, ByteReader& reader) {
    switch (what % 8) {
      case 0:
        end.association.handle_input(end.packets.make(reader.take_rest()), end.now);
        break;
      case 1:
        chunks(reader.take_rest());
        break;
      case 2:
        one_chunk(reader);
        break;
      case 3:
        data(reader);
        break;
      case 4:
        sack(reader);
        break;
      case 5:
        pass(std::chrono::milliseconds(reader.u16()));
        break;
      case 6:
        send(reader);
        break;
      default:
        command(reader);
    }
    settle();
  }

 private:
  static std::vector<sctp::RawChunk> answer(bool interleaving) {
    auto value = sctp::Alone::fixed(sctp::Alone::kTag, 1000, 1 << 20);
    sctp::append_parameter(value, sctp::ParameterType::kStateCookie,
                           std::vector<std::uint8_t>{1, 2, 3, 4});
    const auto able = sctp::write_capabilities({true, interleaving, true, true});
    value.insert(value.end(), able.begin(), able.end());
    return {{sctp::ChunkType::kInitAck, 0, value}};
  }

  void settle() {
    const bool was_over = end.ended.has_value();
    end.settle();
    ensure(end.heard.size() <= kMaxChunksOut, "no flood for one step");
    ensure(!was_over || end.heard.size() <= 1, "after the end at most the last word again");
    ensure(end.packets.live() == 0, "nothing is kept");
    for (const sctp::Message& message : end.received) {
      ensure(message.bytes.size() <= kWindow / 4, "no message is longer than was said");
      if (held_back_) continue;
      end.association.release(message.bytes.size());
    }
    end.received.clear();
    const auto* receiver = end.association.receiver();
    ensure(receiver == nullptr || receiver->held() <= 3 * kWindow, "what waits is bounded");
  }
  // A packet with the right tag and checksum, whatever is in it.
  void chunks(Bytes all) {
    std::vector<std::uint8_t> packet = sctp::Raw().u16(5000).u16(5000).u32(end.tag).u32(0);
    packet.insert(packet.end(), all.begin(), all.end());
    sctp::Crc32c crc;
    crc.add(packet);
    for (std::size_t i = 0; i < 4; ++i)
      packet[8 + i] = static_cast<std::uint8_t>(crc.value() >> (8 * i));
    end.association.handle_input(end.packets.make(packet), end.now);
  }
  void give(const sctp::RawChunk& chunk, std::uint32_t tag) {
    end.association.handle_input(sctp::forge(end.packets, tag, {chunk}), end.now);
  }
  void one_chunk(ByteReader& reader) {
    constexpr std::array<sctp::ChunkType, 18> kTypes{
        sctp::ChunkType::kData,        sctp::ChunkType::kInit,
        sctp::ChunkType::kInitAck,     sctp::ChunkType::kSack,
        sctp::ChunkType::kHeartbeat,   sctp::ChunkType::kHeartbeatAck,
        sctp::ChunkType::kAbort,       sctp::ChunkType::kShutdown,
        sctp::ChunkType::kShutdownAck, sctp::ChunkType::kError,
        sctp::ChunkType::kCookieEcho,  sctp::ChunkType::kCookieAck,
        sctp::ChunkType::kIData,       sctp::ChunkType::kShutdownComplete,
        sctp::ChunkType::kReConfig,    sctp::ChunkType::kPad,
        sctp::ChunkType::kForwardTsn,  sctp::ChunkType::kIForwardTsn};
    const std::uint8_t which = reader.u8();
    const sctp::ChunkType type = kTypes[which % kTypes.size()];
    const std::uint8_t flags = reader.u8();
    const Bytes value = reader.take_rest();
    const bool init = type == sctp::ChunkType::kInit;
    const std::uint32_t tag = (flags & 0x80) != 0 ? sctp::Alone::kTag : init ? 0 : end.tag;
    give({type, flags, {value.begin(), value.end()}}, tag);
  }
  // Near the TSNs that are awaited, which no fuzzer guesses.
  void data(ByteReader& reader) {
    const std::uint32_t tsn = 1000 + reader.u8() + (reader.u8() & 1 ? 0x100u : 0u);
    const std::uint8_t flags = reader.u8();
    const std::uint16_t stream = reader.u8() & 7;
    const std::uint8_t number = reader.u8();
    const std::uint8_t fragment = reader.u8();
    std::vector<std::uint8_t> payload(1 + 7u * reader.u8(), 7);
    give((flags & 0x40) != 0 ? sctp::raw_idata(tsn, flags, stream, number, fragment, payload)
                             : sctp::raw_data(tsn, flags, stream, number, payload),
         end.tag);
  }
  void sack(ByteReader& reader) {
    const std::uint32_t cumulative = end.first_tsn + reader.u8() - 1;
    const std::uint32_t window = reader.u16() * 16u;
    std::vector<sctp::SackChunk::Block> blocks;
    while (reader.remaining() >= 2) blocks.push_back({reader.u8(), reader.u8()});
    give(sctp::raw_sack(cumulative, window, blocks, window & 3), end.tag);
  }
  void send(ByteReader& reader) {
    const std::uint8_t flags = reader.u8();
    sctp::Reliability limit;
    if ((flags & 1) != 0) limit.lifetime = std::chrono::milliseconds(reader.u8());
    if ((flags & 2) != 0) limit.retransmissions = reader.u8() & 3;
    const std::uint16_t stream = reader.u8() & 7;
    std::vector<std::uint8_t> bytes(1 + reader.u16() % 20'000, 5);
    std::ignore =
        end.association.send({{stream}, {53}, (flags & 4) != 0, std::move(bytes)}, limit, end.now);
  }
  void command(ByteReader& reader) {
    const std::uint8_t which = reader.u8();
    switch (which % 8) {
      case 0:
        return end.association.reset_streams({{which}, {reader.u8()}});
      case 1:
        return end.association.shutdown(end.now);
      case 2:
        if (which > 200) end.association.abort(end.now);
        return;
      case 3:
        return end.association.connect(end.now);
      case 4:
        std::ignore = end.association.connect_with(reader.take_rest(), end.now);
        return;
      case 5:
        return end.association.on_new_path(std::chrono::milliseconds(reader.u8()), end.now);
      case 6:
        held_back_ = !held_back_;
        return;
      default:
        return end.association.release(reader.u16());
    }
  }
  // Through every deadline on the way.
  void pass(Duration span) {
    const Instant until = end.now + span;
    std::size_t wakes = 0;
    for (auto next = end.association.next_timeout(); next && *next <= until;
         next = end.association.next_timeout()) {
      ensure(++wakes <= kMaxWakes, "no storm of deadlines");
      end.now = std::max(end.now, *next);
      end.association.handle_timeout(end.now);
      settle();
    }
    end.now = until;
  }

  sctp::Alone end;
  bool held_back_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader(Bytes(data, size));
  World world(reader.u8());
  for (std::size_t i = 0; i < kMaxSteps && !reader.at_end(); ++i) {
    const std::uint8_t what = reader.u8();
    const std::size_t length = std::min<std::size_t>(reader.u8(), reader.remaining());
    ByteReader step(reader.take(length));
    world.step(what, step);
  }
  return 0;
}
