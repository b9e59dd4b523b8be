// DNS messages as multicast DNS sends them (RFC 1035 §4, RFC 6762 §18): a parser that is patient
// with what others write, and a writer with name compression. What records mean is elsewhere.
//
//  |  ID  |QR|  Opcode  |AA|TC|RD|RA|Z |RCODE|  QDCOUNT  |  ANCOUNT  |  NSCOUNT  |  ARCOUNT  |
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/bytes.h"

namespace beeline::mdns {

enum class RecordType : std::uint16_t { kA = 1, kAaaa = 28, kAny = 255 };

// Names are lower case and dotted, without the last dot; a dot or a backslash inside a label stands
// behind a backslash.
struct Question {
  std::string name;
  RecordType type = RecordType::kA;
  bool wants_unicast = false;  // RFC 6762 §5.4
};

struct Record {
  std::string name;
  RecordType type = RecordType::kA;
  bool cache_flush = false;  // RFC 6762 §10.2: these are all there are
  std::chrono::seconds ttl{0};
  Bytes value;  // borrowed from the message

  // Of an A or AAAA record with as many bytes as it should have.
  std::optional<IpAddress> address() const;
};

enum class ParseError { kTooShort, kNotMdns, kBadQuestion, kBadRecord };

struct Message {
  std::uint16_t id = 0;
  bool is_response = false;
  bool is_truncated = false;
  // Of class IN; others are passed over.
  std::vector<Question> questions;
  std::vector<Record> answers;
  // Authority and additional records. One that is broken ends them, and the rest is good.
  std::vector<Record> others;

  static std::expected<Message, ParseError> parse(Bytes datagram);
};

// Writes one message: questions first, then answers. One that outgrows the buffer makes ok() false.
class MessageWriter {
 public:
  // `id`: 0, except in answers to those who ask from another port than 5353.
  MessageWriter(MutableBytes buffer, bool is_response, std::uint16_t id = 0);

  // `name` as in Question.
  void add_question(std::string_view name, RecordType type, bool wants_unicast);
  void add_answer(std::string_view name, const IpAddress& address, std::chrono::seconds ttl,
                  bool cache_flush);

  bool ok() const { return writer_.ok(); }
  Bytes bytes() const { return writer_.written(); }

 private:
  void write_name(std::string_view name);
  void count(std::size_t offset, std::uint16_t& counter);

  ByteWriter writer_;
  std::uint16_t questions_ = 0;
  std::uint16_t answers_ = 0;
  std::map<std::string, std::uint16_t, std::less<>> written_names_;  // where each stands
};

// True for one label and ".local", at most 63 bytes of it: the only names that ICE candidates have.
bool is_host_name(std::string_view name);
// The name in lower case.
std::string lower(std::string_view name);

}  // namespace beeline::mdns
