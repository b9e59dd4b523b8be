// mdns::Message: parsing never reads past the end, and what was parsed, written and parsed again is
// the same.
#include <algorithm>
#include <array>

#include "beeline/mdns/message.h"

using namespace beeline;

namespace {

// What the writer takes: labels of 1 to 63 bytes, none empty. The root is no name of ours.
bool is_writable(const std::string& name) {
  return !name.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = mdns::Message::parse(Bytes(data, size));
  if (!message) return 0;
  static std::array<std::uint8_t, 1 << 20> buffer;
  mdns::MessageWriter writer(buffer, message->is_response);
  for (const mdns::Question& question : message->questions) {
    ensure(question.name.size() <= 2 * 255, "names are bounded");
    if (is_writable(question.name))
      writer.add_question(question.name, question.type, question.wants_unicast);
  }
  std::size_t written = 0;
  for (const mdns::Record& record : message->answers) {
    const auto address = record.address();
    if (!address || !is_writable(record.name)) continue;
    writer.add_answer(record.name, *address, record.ttl, record.cache_flush);
    ++written;
  }
  ensure(writer.ok(), "there is room");
  const auto again = mdns::Message::parse(writer.bytes());
  ensure(again.has_value(), "what is written can be read");
  ensure(again->answers.size() == written, "all of it");
  std::size_t index = 0;
  for (const mdns::Record& record : message->answers) {
    if (!record.address() || !is_writable(record.name)) continue;
    const mdns::Record& other = again->answers[index++];
    ensure(other.name == record.name && other.address() == record.address() &&
               other.ttl == record.ttl && other.cache_flush == record.cache_flush,
           "and as it was");
  }
  return 0;
}
