// One association whose other side is the test: it says what it likes and sees what is answered.
#pragma once

#include <utility>
#include <vector>

#include "beeline/sctp/test_forge.h"

namespace beeline::sctp {

class Alone {
 public:
  explicit Alone(const Settings& settings = {}, std::uint64_t seed = 1)
      : association(settings, Random::from_number(seed), packets, log) {}

  // As the other side; what is answered is in `heard`, what was heard before is forgotten.
  void say(std::uint32_t with, const std::vector<RawChunk>& chunks) {
    association.handle_input(forge(packets, with, chunks), now);
    settle();
  }
  // With the right tag.
  void say(const std::vector<RawChunk>& chunks) { say(tag, chunks); }
  void settle() {
    heard.clear();
    for (bool more = true; more;) {
      more = false;
      association.flush(now);
      while (auto packet = association.poll_transmit()) listen(packet->bytes()), more = true;
      while (auto event = association.poll_event()) note(std::move(*event)), more = true;
    }
  }
  // To that point and what is due there.
  void wait_until(Instant at) {
    now = at;
    association.handle_timeout(now);
    settle();
  }
  void wait(Duration span) { wait_until(now + span); }

  int count(ChunkType type) const {
    int found = 0;
    for (const auto& chunk : heard) found += chunk.type == type ? 1 : 0;
    return found;
  }
  const RawChunk* find(ChunkType type) const {
    for (const auto& chunk : heard)
      if (chunk.type == type) return &chunk;
    return nullptr;
  }

  // The whole handshake, begun by the association.
  void connect(std::uint32_t first = 1000, std::uint32_t window = 1 << 20) {
    association.connect(now);
    settle();
    say(init_ack(kTag, first, window));
    say({{ChunkType::kCookieAck, 0, {}}});
  }
  static std::vector<RawChunk> init_ack(std::uint32_t tag, std::uint32_t first_tsn,
                                        std::uint32_t window = 1 << 20) {
    std::vector<std::uint8_t> value = fixed(tag, first_tsn, window);
    append_parameter(value, ParameterType::kStateCookie, std::vector<std::uint8_t>{1, 2, 3, 4});
    const auto able = write_capabilities(Capabilities{true, false, true, false});
    value.insert(value.end(), able.begin(), able.end());
    return {{ChunkType::kInitAck, 0, value}};
  }
  static std::vector<RawChunk> init(std::uint32_t tag, std::uint32_t first_tsn) {
    std::vector<std::uint8_t> value = fixed(tag, first_tsn, 1 << 20);
    const auto able = write_capabilities(Capabilities{true, false, true, false});
    value.insert(value.end(), able.begin(), able.end());
    return {{ChunkType::kInit, 0, value}};
  }
  static std::vector<std::uint8_t> fixed(std::uint32_t tag, std::uint32_t first_tsn,
                                         std::uint32_t window) {
    return Raw().u32(tag).u32(window).u16(1024).u16(1024).u32(first_tsn);
  }
  // Of the INIT ACK heard last.
  std::vector<std::uint8_t> cookie() const {
    const RawChunk* answer = find(ChunkType::kInitAck);
    if (answer == nullptr) return {};
    const auto parameters = parse_init_parameters(Bytes(answer->value).subspan(InitChunk::kSize));
    return {parameters->cookie->begin(), parameters->cookie->end()};
  }

  static constexpr std::uint32_t kTag = 0x0AA0'0AA0;  // ours
  static constexpr std::uint8_t kWhole = DataChunk::kBegin | DataChunk::kEnd;

  PacketPool packets;
  NullLog log;
  Association association;
  Instant now{std::chrono::seconds(1)};
  std::uint32_t tag = 0;        // the association's
  std::uint32_t first_tsn = 0;  // the same
  std::vector<RawChunk> heard;
  std::vector<std::uint32_t> heard_tags;  // of each packet
  std::vector<Message> received;
  std::vector<StreamId> resets;
  int connected = 0;
  std::optional<Ended> ended;

 private:
  void listen(Bytes packet) {
    auto reader = PacketReader::parse(packet, true);
    heard_tags.push_back(reader->header().tag.value);
    while (const auto chunk = reader->next()) {
      heard.push_back({chunk->type, chunk->flags, {chunk->value.begin(), chunk->value.end()}});
      if (chunk->type != ChunkType::kInit && chunk->type != ChunkType::kInitAck) continue;
      const auto init = parse_init(*chunk);
      tag = init->tag.value;
      first_tsn = init->first_tsn.value;
    }
  }
  void note(AssociationEvent event) {
    if (auto* message = std::get_if<MessageReceived>(&event))
      received.push_back(std::move(message->message));
    if (const auto* reset = std::get_if<StreamsReset>(&event))
      resets.insert(resets.end(), reset->streams.begin(), reset->streams.end());
    if (std::holds_alternative<Connected>(event)) ++connected;
    if (auto* over = std::get_if<Ended>(&event)) ended = std::move(*over);
  }
};

}  // namespace beeline::sctp
