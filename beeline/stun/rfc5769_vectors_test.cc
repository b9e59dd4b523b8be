// The vectors of RFC 5769, byte for byte, and what becomes of them when they are cut or a bit
// flips; RFC 8489 B.1.
#include <gtest/gtest.h>

#include <vector>

#include "beeline/base/encoding.h"
#include "beeline/stun/attributes.h"
#include "beeline/stun/credentials.h"
#include "beeline/stun/integrity.h"

namespace beeline::stun {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";
const TransactionId kShortId{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                             0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
const TransactionId kLongId{0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72, 0xc0, 0x29, 0xda, 0x41, 0x2e};
constexpr std::string_view kUser = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9";

Buffer request() {  // §2.1
  return *from_hex(
      "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e00"
      "01ff"
      "80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3"
      "f249"
      "c1b571a280280004e57a3bcf");
}
Buffer ipv4_response() {  // §2.2
  return *from_hex(
      "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112"
      "a643"
      "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96");
}
Buffer ipv6_response() {  // §2.3
  return *from_hex(
      "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113"
      "a9fa"
      "a5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c");
}
Buffer long_term_request() {  // §2.4
  return *from_hex(
      "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015"
      "001c"
      "662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f7267000008"
      "0014"
      "f67024656dd64a3e02b8e0712e85c9a28ca89666");
}

Message parsed(const Buffer& bytes) {
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  return *message;
}
std::string_view text_of(const Message& message, AttributeType type) {
  return as_text(message.find(type)->value);
}

//= RFC 8489 §5 test
TEST(Rfc5769, the_request_says_what_the_rfc_says) {
  const Buffer bytes = request();
  const Message message = parsed(bytes);
  EXPECT_EQ(message.message_class(), Class::kRequest);
  EXPECT_EQ(message.method(), Method::kBinding);
  EXPECT_EQ(message.transaction_id(), kShortId);
  EXPECT_EQ(text_of(message, AttributeType::kSoftware), "STUN test client");
  EXPECT_EQ(read_u32(message.find(AttributeType::kPriority)->value), 0x6e0001ffU);
  EXPECT_EQ(read_u64(message.find(AttributeType::kIceControlled)->value), 0x932ff9b151263b36U);
  EXPECT_EQ(text_of(message, AttributeType::kUsername), "evtj:h6vY");
  EXPECT_TRUE(check_integrity(message, as_bytes(kPassword)));
  EXPECT_FALSE(check_integrity(message, as_bytes("another")));
  EXPECT_TRUE(check_fingerprint(message));
}

//= RFC 8489 §14.2 test
TEST(Rfc5769, the_responses_carry_their_addresses) {
  for (const auto& [bytes, address] :
       {std::pair(ipv4_response(), "192.0.2.1:32853"),
        std::pair(ipv6_response(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853")}) {
    const Message message = parsed(bytes);
    EXPECT_EQ(message.message_class(), Class::kSuccess);
    const auto mapped = read_xor_address(message.find(AttributeType::kXorMappedAddress)->value,
                                         message.transaction_id());
    EXPECT_EQ(mapped->to_string(), address);
    EXPECT_EQ(text_of(message, AttributeType::kSoftware), "test vector");
    EXPECT_TRUE(check_integrity(message, as_bytes(kPassword)));
    EXPECT_TRUE(check_fingerprint(message));
  }
}

//= RFC 8489 §9.2 test
TEST(Rfc5769, the_long_term_request_verifies_under_the_md5_key) {
  const Buffer bytes = long_term_request();
  const Message message = parsed(bytes);
  EXPECT_EQ(text_of(message, AttributeType::kUsername), kUser);
  EXPECT_EQ(text_of(message, AttributeType::kNonce), "f//499k954d6OL34oL9FSTvy64sA");
  EXPECT_EQ(text_of(message, AttributeType::kRealm), "example.org");
  const auto key = long_term_key(PasswordAlgorithm::kMd5, kUser, "example.org", "TheMatrIX");
  EXPECT_TRUE(check_integrity(message, key.bytes()));
  EXPECT_FALSE(message.has(AttributeType::kFingerprint));
}

// The RFC pads with spaces in places; we pad with zeros, as RFC 8489 §14 wants, so the HMACs differ
// exactly where padding is.
TEST(Rfc5769, the_writer_makes_the_vector_without_foreign_padding_byte_for_byte) {
  Buffer buffer(256);
  MessageWriter writer(buffer, Class::kRequest, Method::kBinding, kLongId);
  writer.add(AttributeType::kUsername, as_bytes(kUser));
  writer.add(AttributeType::kNonce, as_bytes("f//499k954d6OL34oL9FSTvy64sA"));
  writer.add(AttributeType::kRealm, as_bytes("example.org"));
  add_integrity(writer,
                long_term_key(PasswordAlgorithm::kMd5, kUser, "example.org", "TheMatrIX").bytes());
  EXPECT_EQ(to_hex(writer.bytes()), to_hex(long_term_request()));
}

TEST(Rfc5769, the_writer_makes_the_responses_but_for_the_padding) {
  Buffer expected = ipv4_response();
  expected[35] = 0;  // the RFC's padding of SOFTWARE
  Buffer buffer(256);
  MessageWriter writer(buffer, Class::kSuccess, Method::kBinding, kShortId);
  writer.add(AttributeType::kSoftware, as_bytes("test vector"));
  add_xor_address(writer, AttributeType::kXorMappedAddress,
                  *TransportAddress::parse("192.0.2.1:32853"));
  EXPECT_EQ(to_hex(writer.bytes().subspan(4)),
            to_hex(Bytes(expected).subspan(4, writer.bytes().size() - 4)));
  add_integrity(writer, as_bytes(kPassword));
  add_fingerprint(writer);
  const Message message = *Message::parse(writer.bytes());
  EXPECT_TRUE(check_integrity(message, as_bytes(kPassword)));
  EXPECT_TRUE(check_fingerprint(message));
  EXPECT_EQ(writer.bytes().size(), expected.size());
}

//= RFC 8489 §14.6 test
TEST(Rfc8489B1, is_refused_as_it_is_framed_and_its_arithmetic_is_right) {
  // The RFC's header says 0x9c where 136 bytes of attributes follow: a parser must refuse it.
  // USERHASH and key are right.
  Buffer bytes = *from_hex(
      "0001009c2112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e"
      "60b2"
      "05c46e41407f1704001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c394653"
      "5476"
      "79363473410000000014000b6578616d706c652e6f726700001c0020e4686c8f0edeb59013e07090010a93efccbc"
      "cc54"
      "4c0a45d9f830aa6d6f735a01");
  EXPECT_EQ(Message::parse(bytes).error(), ParseError::kBadLength);
  EXPECT_EQ(to_hex(userhash(kUser, "example.org")),
            "4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704");
  bytes[3] = 136;
  const Message message = parsed(bytes);
  EXPECT_EQ(features_of(text_of(message, AttributeType::kNonce))->username_anonymity, false);
  // Framed right, the printed HMAC cannot match: it was computed over the wrong header.
  const auto key = long_term_key(PasswordAlgorithm::kSha256, kUser, "example.org", "TheMatrIX");
  EXPECT_FALSE(check_integrity_sha256(message, key.bytes()));
}

TEST(Rfc5769, no_truncation_parses) {
  for (const Buffer& bytes : {request(), ipv4_response(), ipv6_response(), long_term_request()})
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(Message::parse(Bytes(bytes).first(size))) << size;
}

TEST(Rfc5769, no_flipped_bit_passes_integrity_and_fingerprint) {
  for (const Buffer& original : {request(), ipv4_response(), ipv6_response()}) {
    for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
      Buffer bytes = original;
      bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
      const auto message = Message::parse(bytes);
      EXPECT_FALSE(message && check_fingerprint(*message) &&
                   check_integrity(*message, as_bytes(kPassword)))
          << bit;
    }
  }
}

TEST(Rfc5769, of_all_lengths_only_the_true_one_parses) {
  for (const Buffer& original : {request(), long_term_request()}) {
    const std::size_t truth = original.size() - kHeaderSize;
    for (unsigned length = 0; length < 65536; ++length) {
      Buffer bytes = original;
      bytes[2] = static_cast<std::uint8_t>(length >> 8);
      bytes[3] = static_cast<std::uint8_t>(length & 0xFF);
      EXPECT_EQ(Message::parse(bytes).has_value(), length == truth) << length;
    }
  }
}

}  // namespace
}  // namespace beeline::stun
