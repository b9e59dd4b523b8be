// Attributes: what is written is read, and values of the wrong size are refused.
#include "beeline/stun/attributes.h"

#include <gtest/gtest.h>

#include <array>

#include "beeline/stun/integrity.h"

namespace beeline::stun {
namespace {

class Attributes : public testing::Test {
 protected:
  // Writes with `add`, parses, and returns the value of `type`.
  template <typename Add>
  Bytes written(AttributeType type, Add add) {
    buffer_.fill(0xEE);  // so that padding that is not written shows
    MessageWriter writer(buffer_, Class::kRequest, Method::kAllocate, kId);
    add(writer);
    EXPECT_TRUE(writer.ok());
    const auto message = Message::parse(writer.bytes());
    EXPECT_TRUE(message);
    const Bytes value = message->find(type)->value;
    for (std::size_t i = kHeaderSize + 4 + value.size(); i < writer.bytes().size(); ++i)
      EXPECT_EQ(writer.bytes()[i], 0);
    return value;
  }
  static constexpr TransactionId kId{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::array<std::uint8_t, 512> buffer_{};
};

TEST_F(Attributes, addresses_of_both_families_plain_and_xored) {
  for (const char* text : {"192.0.2.1:3478", "[2001:db8::1]:65535"}) {
    const auto address = *TransportAddress::parse(text);
    EXPECT_EQ(read_address(written(AttributeType::kOtherAddress,
                                   [&](MessageWriter& w) {
                                     add_address(w, AttributeType::kOtherAddress, address);
                                   })),
              address);
    const Bytes xored = written(AttributeType::kXorPeerAddress, [&](MessageWriter& w) {
      add_xor_address(w, AttributeType::kXorPeerAddress, address);
    });
    EXPECT_EQ(read_xor_address(xored, kId), address);
    EXPECT_NE(read_address(xored), address);
    EXPECT_FALSE(read_address(xored.first(xored.size() - 1)));
  }
  const std::array<std::uint8_t, 8> wrong_family{0, 3, 0, 1, 1, 1, 1, 1};
  EXPECT_FALSE(read_address(wrong_family));
  const std::array<std::uint8_t, 8> v4_called_v6{0, 2, 0, 1, 1, 1, 1, 1};
  EXPECT_FALSE(read_address(v4_called_v6));
  EXPECT_FALSE(read_address({}));
}

TEST_F(Attributes, error_codes_with_and_without_a_reason) {
  for (const std::string reason : {"", "why", "long and longer"}) {
    const auto error = read_error_code(written(
        AttributeType::kErrorCode, [&](MessageWriter& w) { add_error_code(w, 438, reason); }));
    EXPECT_EQ(error->code, 438);
    EXPECT_EQ(error->reason, reason);
  }
  for (const std::array<std::uint8_t, 4>& bad :
       {std::array<std::uint8_t, 4>{0, 0, 2, 0}, {0, 0, 7, 0}, {0, 0, 4, 100}})
    EXPECT_FALSE(read_error_code(bad));
}

TEST_F(Attributes, lists_keep_their_order) {
  const std::vector<AttributeType> unknown{static_cast<AttributeType>(0x7F00),
                                           static_cast<AttributeType>(0x7F01),
                                           static_cast<AttributeType>(0x7F02)};
  EXPECT_EQ(read_unknown_attributes(
                written(AttributeType::kUnknownAttributes,
                        [&](MessageWriter& w) { add_unknown_attributes(w, unknown); })),
            unknown);
  const auto algorithms =
      read_password_algorithms(written(AttributeType::kPasswordAlgorithms, [](MessageWriter& w) {
        add_password_algorithms(w, {PasswordAlgorithm::kSha256, PasswordAlgorithm::kMd5});
      }));
  EXPECT_EQ(algorithms, (std::vector<std::uint16_t>{2, 1}));
  EXPECT_EQ(read_password_algorithm(written(
                AttributeType::kPasswordAlgorithm,
                [](MessageWriter& w) { add_password_algorithm(w, PasswordAlgorithm::kSha256); })),
            PasswordAlgorithm::kSha256);
  const std::array<std::uint8_t, 6> torn{0, 1, 0, 8, 0, 0};
  EXPECT_FALSE(read_password_algorithms(torn));
}

TEST_F(Attributes, those_of_turn) {
  EXPECT_EQ(read_channel_number(
                written(AttributeType::kChannelNumber,
                        [](MessageWriter& w) { add_channel_number(w, ChannelNumber{0x4001}); })),
            ChannelNumber{0x4001});
  EXPECT_EQ(
      read_requested_transport(written(AttributeType::kRequestedTransport,
                                       [](MessageWriter& w) { add_requested_transport(w, 17); })),
      17);
  EXPECT_EQ(read_address_family(written(
                AttributeType::kAdditionalAddressFamily,
                [](MessageWriter& w) {
                  add_address_family(w, AttributeType::kAdditionalAddressFamily, IpFamily::kV6);
                })),
            RequestedFamily::kV6);
  for (const bool reserve : {false, true})
    EXPECT_EQ(read_even_port(written(AttributeType::kEvenPort,
                                     [&](MessageWriter& w) { add_even_port(w, reserve); })),
              reserve);
  const auto address_error =
      read_address_error_code(written(AttributeType::kAddressErrorCode, [](MessageWriter& w) {
        add_address_error_code(w, IpFamily::kV6, 440);
      }));
  EXPECT_EQ(address_error->family, RequestedFamily::kV6);
  EXPECT_EQ(address_error->error.code, 440);
  const auto icmp =
      read_icmp(written(AttributeType::kIcmp, [](MessageWriter& w) { add_icmp(w, {3, 4, 1280}); }));
  EXPECT_EQ(icmp->type, 3);
  EXPECT_EQ(icmp->code, 4);
  EXPECT_EQ(icmp->error_data, 1280U);
}

TEST_F(Attributes, those_of_nat_discovery) {
  const auto change =
      read_change_request(written(AttributeType::kChangeRequest,
                                  [](MessageWriter& w) { add_change_request(w, {true, false}); }));
  EXPECT_TRUE(change->change_ip);
  EXPECT_FALSE(change->change_port);
  EXPECT_EQ(read_response_port(written(AttributeType::kResponsePort,
                                       [](MessageWriter& w) { add_response_port(w, Port{3479}); })),
            Port{3479});
}

TEST_F(Attributes, values_of_the_wrong_size_are_refused) {
  const std::array<std::uint8_t, 9> bytes{};
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Bytes value = Bytes(bytes).first(size);
    EXPECT_EQ(read_u32(value).has_value(), size == 4);
    EXPECT_EQ(read_u64(value).has_value(), size == 8);
    EXPECT_EQ(read_channel_number(value).has_value(), size == 4);
    EXPECT_EQ(read_requested_transport(value).has_value(), size == 4);
    EXPECT_EQ(read_address_family(value).has_value(), size == 4);
    EXPECT_EQ(read_even_port(value).has_value(), size == 1);
    EXPECT_EQ(read_icmp(value).has_value(), size == 8);
    EXPECT_EQ(read_change_request(value).has_value(), size == 4);
    EXPECT_EQ(read_response_port(value).has_value(), size == 4);
    EXPECT_EQ(read_unknown_attributes(value).has_value(), size % 2 == 0);
  }
  EXPECT_FALSE(read_text(as_bytes("\xFF"), 10));
  EXPECT_FALSE(read_text(as_bytes("12345"), 4));
}

//= RFC 8489 §14.5 test
TEST_F(Attributes, behind_integrity_only_sha256_and_fingerprint_count) {
  MessageWriter writer(buffer_, Class::kRequest, Method::kBinding, kId);
  add_integrity(writer, as_bytes("key"));
  writer.add(AttributeType::kUsername, as_bytes("smuggled"));
  add_integrity_sha256(writer, as_bytes("key"));
  writer.add(AttributeType::kXorPeerAddress, as_bytes("smuggled"));
  add_fingerprint(writer);
  const auto message = Message::parse(writer.bytes());
  EXPECT_FALSE(message->has(AttributeType::kUsername));
  EXPECT_FALSE(message->has(AttributeType::kXorPeerAddress));
  EXPECT_TRUE(check_integrity(*message, as_bytes("key")));
  EXPECT_TRUE(check_integrity_sha256(*message, as_bytes("key")));
  EXPECT_TRUE(check_fingerprint(*message));
}

//= RFC 8489 §14.6 test
TEST_F(Attributes, a_truncated_sha256_counts_from_sixteen_bytes_on) {
  for (std::size_t size = 16; size <= 32; size += 4) {
    MessageWriter writer(buffer_, Class::kRequest, Method::kBinding, kId);
    add_integrity_sha256(writer, as_bytes("key"), size);
    EXPECT_TRUE(check_integrity_sha256(*Message::parse(writer.bytes()), as_bytes("key"))) << size;
  }
  MessageWriter writer(buffer_, Class::kRequest, Method::kBinding, kId);
  writer.add(AttributeType::kMessageIntegritySha256, {});
  EXPECT_FALSE(check_integrity_sha256(*Message::parse(writer.bytes()), as_bytes("key")));
}

TEST_F(Attributes, a_message_that_outgrows_its_buffer_is_not_written_wrong) {
  std::array<std::uint8_t, 30> small{};
  MessageWriter writer(small, Class::kRequest, Method::kBinding, kId);
  writer.add(AttributeType::kUsername, as_bytes("too long for this"));
  EXPECT_FALSE(writer.ok());
}

}  // namespace
}  // namespace beeline::stun
