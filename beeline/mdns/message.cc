#include "beeline/mdns/message.h"

#include <algorithm>

namespace beeline::mdns {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMaxName = 255;  // RFC 1035 §2.3.4, lengths and root included
constexpr std::size_t kMaxLabel = 63;
constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kClassAny = 255;
constexpr std::uint16_t kTopBit = 0x8000;  // of a class: cache-flush, or unicast wanted
constexpr std::size_t kQuestionCount = 4;  // offsets in the header
constexpr std::size_t kAnswerCount = 6;
constexpr std::string_view kLocal = ".local";

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

void append_label(std::string& name, Bytes label) {
  if (!name.empty()) name += '.';
  for (const char c : as_text(label)) {
    if (c == '.' || c == '\\') name += '\\';
    name += to_lower(c);
  }
}

// Reads the name at the front of `reader`. Pointers go backwards only, each further than the one
// before, so that following them ends.
//= RFC 1035 §4.1.4
std::optional<std::string> read_name(ByteReader& reader, Bytes message) {
  std::string name;
  std::size_t wire_size = 1;
  ByteReader labels = reader;
  std::size_t limit = message.size() - reader.remaining();  // a pointer's target is before this
  bool jumped = false;
  for (;;) {
    const std::size_t size = labels.u8();
    if (!labels.ok()) return std::nullopt;
    if ((size & 0xC0) == 0xC0) {
      const std::size_t target = (size & 0x3F) << 8 | labels.u8();
      if (!labels.ok() || target >= limit) return std::nullopt;
      if (!jumped) reader = labels;
      jumped = true;
      limit = target;
      labels = ByteReader(message.subspan(target));
      continue;
    }
    if (size > kMaxLabel) return std::nullopt;
    if (size == 0) break;
    wire_size += size + 1;
    const Bytes label = labels.take(size);
    if (!labels.ok() || wire_size > kMaxName) return std::nullopt;
    append_label(name, label);
  }
  if (!jumped) reader = labels;
  return name;
}

bool is_in(std::uint16_t record_class) {
  return (record_class & ~kTopBit) == kClassIn;
}

// False where the question is broken.
bool read_question(ByteReader& reader, Bytes datagram, std::vector<Question>& questions) {
  const auto name = read_name(reader, datagram);
  const auto type = static_cast<RecordType>(reader.u16());
  const std::uint16_t question_class = reader.u16();
  if (!name || !reader.ok()) return false;
  if (is_in(question_class) || (question_class & ~kTopBit) == kClassAny)
    questions.push_back({*name, type, (question_class & kTopBit) != 0});
  return true;
}

bool read_record(ByteReader& reader, Bytes datagram, std::vector<Record>& records) {
  const auto name = read_name(reader, datagram);
  Record record;
  record.type = static_cast<RecordType>(reader.u16());
  const std::uint16_t record_class = reader.u16();
  //= RFC 2181 §8
  // A lifetime with its first bit set is none.
  const std::uint32_t ttl = reader.u32();
  record.ttl = std::chrono::seconds((ttl & 0x8000'0000U) != 0 ? 0 : ttl);
  const std::size_t size = reader.u16();
  record.value = reader.take(size);
  if (!name || !reader.ok()) return false;
  record.name = *name;
  record.cache_flush = (record_class & kTopBit) != 0;
  if (is_in(record_class)) records.push_back(std::move(record));
  return true;
}

// The label at the front of a name as it is written in text, and what stands behind it.
std::string take_label(std::string_view& name) {
  std::string label;
  std::size_t i = 0;
  for (; i < name.size() && name[i] != '.'; ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    label += name[i];
  }
  name.remove_prefix(std::min(i + 1, name.size()));
  return label;
}

}  // namespace

std::optional<IpAddress> Record::address() const {
  const bool fits = (type == RecordType::kA && value.size() == 4) ||
                    (type == RecordType::kAaaa && value.size() == 16);
  return fits ? IpAddress::from_bytes(value) : std::nullopt;
}

std::expected<Message, ParseError> Message::parse(Bytes datagram) {
  if (datagram.size() < kHeader) return std::unexpected(ParseError::kTooShort);
  ByteReader reader(datagram);
  Message message;
  message.id = reader.u16();
  const std::uint16_t flags = reader.u16();
  //= RFC 6762 §18.3, §18.11
  if ((flags & 0x780F) != 0) return std::unexpected(ParseError::kNotMdns);
  message.is_response = (flags & 0x8000) != 0;
  message.is_truncated = (flags & 0x0200) != 0;
  const std::uint16_t questions = reader.u16();
  const std::uint16_t answers = reader.u16();
  const std::uint16_t authorities = reader.u16();
  const std::uint16_t additionals = reader.u16();
  for (std::uint16_t i = 0; i < questions; ++i)
    if (!read_question(reader, datagram, message.questions))
      return std::unexpected(ParseError::kBadQuestion);
  for (std::uint16_t i = 0; i < answers; ++i)
    if (!read_record(reader, datagram, message.answers))
      return std::unexpected(ParseError::kBadRecord);
  for (int i = 0; i < authorities + additionals; ++i)
    if (!read_record(reader, datagram, message.others)) break;
  return message;
}

MessageWriter::MessageWriter(MutableBytes buffer, bool is_response, std::uint16_t id)
    : writer_(buffer) {
  writer_.u16(id);
  writer_.u16(is_response ? 0x8400 : 0);  // RFC 6762 §18.4: answers are authoritative
  writer_.zeros(8);
}

void MessageWriter::add_question(std::string_view name, RecordType type, bool wants_unicast) {
  write_name(name);
  writer_.u16(static_cast<std::uint16_t>(type));
  writer_.u16(wants_unicast ? kClassIn | kTopBit : kClassIn);
  count(kQuestionCount, questions_);
}

void MessageWriter::add_answer(std::string_view name, const IpAddress& address,
                               std::chrono::seconds ttl, bool cache_flush) {
  write_name(name);
  writer_.u16(static_cast<std::uint16_t>(address.is_v4() ? RecordType::kA : RecordType::kAaaa));
  writer_.u16(cache_flush ? kClassIn | kTopBit : kClassIn);
  writer_.u32(static_cast<std::uint32_t>(ttl.count()));
  writer_.u16(static_cast<std::uint16_t>(address.bytes().size()));
  writer_.append(address.bytes());
  count(kAnswerCount, answers_);
}

void MessageWriter::count(std::size_t offset, std::uint16_t& counter) {
  if (writer_.ok()) writer_.patch_u16(offset, ++counter);
}

// What has been written before is pointed at.
//= RFC 1035 §4.1.4
void MessageWriter::write_name(std::string_view name) {
  for (std::string_view rest = name; !rest.empty();) {
    if (const auto before = written_names_.find(rest); before != written_names_.end())
      return writer_.u16(static_cast<std::uint16_t>(0xC000 | before->second));
    if (writer_.size() < 0x4000)
      written_names_.emplace(rest, static_cast<std::uint16_t>(writer_.size()));
    const std::string label = take_label(rest);
    ensure(!label.empty() && label.size() <= kMaxLabel, "a label of 1 to 63 bytes");
    writer_.u8(static_cast<std::uint8_t>(label.size()));
    writer_.append(as_bytes(label));
  }
  writer_.u8(0);
}

bool is_host_name(std::string_view name) {
  if (!lower(name).ends_with(kLocal)) return false;
  const std::string_view label = name.substr(0, name.size() - kLocal.size());
  return !label.empty() && label.size() <= kMaxLabel &&
         label.find_first_of(".\\") == std::string_view::npos;
}

std::string lower(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), to_lower);
  return text;
}

}  // namespace beeline::mdns
