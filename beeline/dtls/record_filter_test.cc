#include "beeline/dtls/record_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "beeline/base/random.h"

namespace beeline::dtls {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Wire = std::vector<std::uint8_t>;

struct RecordParts {
  std::uint8_t type = 23;
  std::uint16_t version = kDtls12;
  std::uint16_t epoch = 1;
  std::uint64_t sequence = 0;
  Wire fragment = Wire(40, 0xAB);
};

Wire wire(const RecordParts& parts) {
  Wire out(kRecordHeaderSize + parts.fragment.size());
  ByteWriter writer(out);
  writer.u8(parts.type);
  writer.u16(parts.version);
  writer.u16(parts.epoch);
  writer.u16(static_cast<std::uint16_t>(parts.sequence >> 32));
  writer.u32(static_cast<std::uint32_t>(parts.sequence));
  writer.u16(static_cast<std::uint16_t>(parts.fragment.size()));
  writer.append(parts.fragment);
  return out;
}

struct FragmentParts {
  HandshakeType type = HandshakeType::kClientHello;
  std::uint32_t message_length = 100;
  std::uint16_t message_sequence = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 100;
};

Wire fragment(const FragmentParts& parts) {
  Wire out(kHandshakeHeaderSize + parts.length);
  ByteWriter writer(out);
  const auto u24 = [&](std::uint32_t value) {
    writer.u8(static_cast<std::uint8_t>(value >> 16));
    writer.u16(static_cast<std::uint16_t>(value));
  };
  writer.u8(static_cast<std::uint8_t>(parts.type));
  u24(parts.message_length);
  writer.u16(parts.message_sequence);
  u24(parts.offset);
  u24(parts.length);
  return out;
}

Wire handshake(const FragmentParts& parts) {
  return wire({.type = 22, .epoch = 0, .fragment = fragment(parts)});
}

// A filter with what it does to one datagram.
struct Filtered {
  explicit Filtered(Role role = Role::kServer) : filter(role) {}

  Wire operator()(Wire datagram) {
    datagram.resize(filter.filter(datagram));
    return datagram;
  }
  bool passes(const Wire& datagram) { return (*this)(datagram).size() == datagram.size(); }
  const DroppedRecords& dropped() const { return filter.dropped(); }
  void connect() {
    filter.handshake_done();
    filter.open_for_application();
  }

  RecordFilter filter;
};

TEST(Record, is_read_as_it_was_written) {
  const Wire bytes = wire({.type = 21, .epoch = 7, .sequence = 0x123456789ABC, .fragment = {1, 2}});
  ByteReader reader(bytes);
  const auto record = read_record(reader);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->type, ContentType::kAlert);
  EXPECT_EQ(record->version, kDtls12);
  EXPECT_EQ(record->epoch, 7);
  EXPECT_EQ(record->sequence, 0x123456789ABC);
  EXPECT_THAT(record->fragment, testing::ElementsAre(1, 2));
  EXPECT_TRUE(reader.at_end());
}

TEST(Record, cut_at_any_byte_it_is_none) {
  const Wire bytes = wire({});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(Bytes(bytes).first(size));
    EXPECT_FALSE(read_record(reader)) << size;
  }
}

TEST(HandshakeFragment, is_read_as_it_was_written_and_cut_anywhere_it_is_none) {
  const Wire bytes = fragment({HandshakeType::kServerKeyExchange, 0x010203, 0x0405, 0x000607, 3});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(Bytes(bytes).first(size));
    EXPECT_FALSE(read_fragment(reader)) << size;
  }
  ByteReader reader(bytes);
  const auto read = read_fragment(reader);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->type, HandshakeType::kServerKeyExchange);
  EXPECT_EQ(read->message_length, 0x010203);
  EXPECT_EQ(read->message_sequence, 0x0405);
  EXPECT_EQ(read->offset, 0x0607);
  EXPECT_THAT(read->bytes, SizeIs(3));
}

//= RFC 7983 §7 test
TEST(Record, dtls_is_told_by_its_first_byte) {
  for (int first = 0; first < 256; ++first) {
    const auto byte = static_cast<std::uint8_t>(first);
    EXPECT_EQ(looks_like_dtls({&byte, 1}), first >= 20 && first <= 63);
  }
  EXPECT_FALSE(looks_like_dtls({}));
}

//= RFC 6347 §4.1.2.7 test
TEST(RecordFilter, drops_what_is_no_record_with_the_rest_of_its_datagram) {
  Filtered filter;
  filter.connect();
  const Wire good = wire({});
  for (std::size_t size = 1; size < good.size(); ++size) {
    Wire datagram = good;
    datagram.insert(datagram.end(), good.begin(), good.begin() + static_cast<long>(size));
    EXPECT_EQ(filter(datagram), good) << size;
  }
  EXPECT_EQ(filter.dropped().malformed, good.size() - 1);
}

TEST(RecordFilter, takes_the_four_types_and_no_other) {
  for (int type = 0; type < 256; ++type) {
    Filtered filter;
    filter.connect();
    filter(wire({.type = static_cast<std::uint8_t>(type)}));
    EXPECT_EQ(filter.dropped().unknown_type, type < 20 || type > 23 ? 1 : 0) << type;
  }
}

//= RFC 6347 §4.1 test
TEST(RecordFilter, takes_version_1_2_and_in_the_clear_1_0_too) {
  Filtered filter;
  EXPECT_TRUE(filter.passes(handshake({})));
  Wire old = handshake({});
  old[2] = 0xFF;
  EXPECT_TRUE(filter.passes(old)) << "as ClientHellos may";
  old[2] = 0xFC;
  EXPECT_THAT(filter(old), IsEmpty());
  filter.connect();
  EXPECT_TRUE(filter.passes(wire({})));
  EXPECT_THAT(filter(wire({.version = kDtls10})), IsEmpty());
  EXPECT_EQ(filter.dropped().wrong_version, 2);
}

TEST(RecordFilter, there_are_two_epochs) {
  Filtered filter;
  filter.connect();
  EXPECT_TRUE(filter.passes(wire({.epoch = 1})));
  for (const int epoch : {2, 3, 0x7FFF, 0xFFFF})
    EXPECT_THAT(filter(wire({.epoch = static_cast<std::uint16_t>(epoch)})), IsEmpty());
  EXPECT_EQ(filter.dropped().wrong_epoch, 4);
}

TEST(RecordFilter, a_protected_record_has_at_least_its_protection_and_the_least_content) {
  struct Least {
    std::uint8_t type;
    std::size_t content;
  };
  for (const std::size_t protection : {24U, 16U}) {
    for (const auto& [type, content] : {Least{23, 1}, Least{21, 2}}) {
      Filtered filter;
      filter.filter.set_protection(protection);
      filter.connect();
      const std::size_t least = protection + content;
      EXPECT_TRUE(filter.passes(wire({.type = type, .fragment = Wire(least)})));
      for (std::size_t size = 0; size < least; ++size)
        EXPECT_THAT(filter(wire({.type = type, .fragment = Wire(size)})), IsEmpty()) << size;
      EXPECT_EQ(filter.dropped().too_short, least);
    }
  }
}

TEST(RecordFilter, a_finished_has_at_least_a_header_inside) {
  Filtered filter;
  EXPECT_TRUE(filter.passes(wire({.type = 22, .fragment = Wire(24 + 12)})));
  EXPECT_THAT(filter(wire({.type = 22, .fragment = Wire(24 + 11)})), IsEmpty());
  EXPECT_EQ(filter.dropped().too_short, 1);
}

TEST(RecordFilter, application_data_waits_until_it_may_be_read) {
  Filtered filter;
  EXPECT_THAT(filter(wire({})), IsEmpty());
  filter.filter.handshake_done();
  EXPECT_THAT(filter(wire({})), IsEmpty()) << "the handshake alone proves nothing";
  filter.filter.open_for_application();
  EXPECT_TRUE(filter.passes(wire({})));
  EXPECT_EQ(filter.dropped().early_application, 2);
  EXPECT_EQ(filter.filter.passed_application(), 1);
}

TEST(RecordFilter, plaintext_has_nothing_to_say_after_the_handshake) {
  Filtered filter;
  EXPECT_THAT(filter(wire({.epoch = 0})), IsEmpty()) << "application data never";
  EXPECT_EQ(filter.dropped().plaintext_application, 1);
  const std::vector<Wire> others{handshake({}), wire({.type = 20, .epoch = 0, .fragment = {1}})};
  for (const Wire& one : others) EXPECT_TRUE(filter.passes(one));
  filter.connect();
  for (const Wire& one : others) EXPECT_THAT(filter(one), IsEmpty());
  EXPECT_THAT(filter(wire({.type = 21, .epoch = 0, .fragment = {2, 40}})), IsEmpty());
  EXPECT_EQ(filter.dropped().stale_plaintext, 3);
  EXPECT_FALSE(filter.filter.take_alert());
}

TEST(RecordFilter, an_alert_in_the_clear_is_a_hint) {
  Filtered filter;
  EXPECT_THAT(filter(wire({.type = 21, .epoch = 0, .fragment = {2, 40}})), IsEmpty());
  const auto alert = filter.filter.take_alert();
  ASSERT_TRUE(alert);
  EXPECT_TRUE(alert->fatal);
  EXPECT_EQ(alert->description, 40);
  EXPECT_FALSE(filter.filter.take_alert()) << "once";
  filter(wire({.type = 21, .epoch = 0, .fragment = {2}}));
  filter(wire({.type = 21, .epoch = 0, .fragment = {2, 40, 0}}));
  EXPECT_FALSE(filter.filter.take_alert());
  EXPECT_EQ(filter.dropped().malformed, 2);
}

TEST(RecordFilter, a_change_of_cipher_is_one_byte_that_says_1) {
  Filtered filter;
  EXPECT_TRUE(filter.passes(wire({.type = 20, .epoch = 0, .fragment = {1}})));
  for (const Wire& bad : {Wire{}, Wire{0}, Wire{1, 1}})
    EXPECT_THAT(filter(wire({.type = 20, .epoch = 0, .fragment = bad})), IsEmpty());
  EXPECT_EQ(filter.dropped().malformed, 3);
  EXPECT_THAT(filter(wire({.type = 20})), IsEmpty()) << "and never protected";
}

TEST(RecordFilter, eight_protected_records_may_wait_for_keys_and_not_nine) {
  Filtered filter;
  const Wire waits = wire({.type = 22, .fragment = Wire(60)});
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < RecordFilter::kMaxWaiting; ++i) EXPECT_TRUE(filter.passes(waits));
    EXPECT_THAT(filter(waits), IsEmpty());
    filter.filter.allow_waiting();
  }
  EXPECT_EQ(filter.dropped().too_many_waiting, 2);
}

TEST(RecordFilter, a_protected_handshake_record_after_the_handshake_is_told_and_stopped) {
  for (const Role role : {Role::kClient, Role::kServer}) {
    Filtered filter(role);
    filter.connect();
    EXPECT_FALSE(filter.filter.take_stopped_handshake());
    EXPECT_THAT(filter(wire({.type = 22, .fragment = Wire(60)})), IsEmpty());
    EXPECT_TRUE(filter.filter.take_stopped_handshake());
    EXPECT_FALSE(filter.filter.take_stopped_handshake());
  }
}

TEST(RecordFilter, each_role_hears_what_the_other_says) {
  const std::set<int> to_server{1, 11, 15, 16};
  const std::set<int> to_client{0, 2, 3, 4, 11, 12, 13, 14, 22};
  for (const Role role : {Role::kClient, Role::kServer}) {
    for (int type = 0; type < 256; ++type) {
      Filtered filter(role);
      const bool expected = (role == Role::kServer ? to_server : to_client).contains(type);
      EXPECT_EQ(filter.passes(handshake({.type = static_cast<HandshakeType>(type)})), expected)
          << type;
      EXPECT_EQ(filter.dropped().unexpected_handshake, expected ? 0 : 1);
    }
  }
}

// Rule D4.
TEST(RecordFilter, a_message_has_64_kilobytes_at_most) {
  Filtered filter;
  EXPECT_TRUE(filter.passes(handshake({.message_length = 65536})));
  EXPECT_THAT(filter(handshake({.message_length = 65537})), IsEmpty());
  EXPECT_EQ(filter.dropped().too_large_message, 1);
}

TEST(RecordFilter, a_message_comes_in_16_fragments_at_most_however_often) {
  Filtered filter;
  const auto piece = [](std::uint32_t number, std::uint16_t sequence) {
    return handshake({.message_length = 1000,
                      .message_sequence = sequence,
                      .offset = number * 10,
                      .length = 10});
  };
  for (int round = 0; round < 3; ++round)
    for (std::uint32_t i = 0; i < 16; ++i) EXPECT_TRUE(filter.passes(piece(i, 1)));
  EXPECT_THAT(filter(piece(16, 1)), IsEmpty());
  EXPECT_EQ(filter.dropped().too_many_fragments, 1);
  EXPECT_TRUE(filter.passes(piece(16, 2))) << "of the next message";
  filter.filter.restart_handshake();
  EXPECT_TRUE(filter.passes(piece(16, 1)));
}

TEST(RecordFilter, a_handshake_has_16_messages_at_most) {
  Filtered filter;
  EXPECT_TRUE(filter.passes(handshake({.message_sequence = 15})));
  EXPECT_THAT(filter(handshake({.message_sequence = 16})), IsEmpty());
}

TEST(RecordFilter, a_fragment_lies_inside_of_its_message_and_is_not_empty) {
  Filtered filter;
  EXPECT_TRUE(filter.passes(handshake({.message_length = 100, .offset = 90, .length = 10})));
  EXPECT_THAT(filter(handshake({.message_length = 100, .offset = 91, .length = 10})), IsEmpty());
  EXPECT_THAT(filter(handshake({.message_length = 100, .offset = 101, .length = 0})), IsEmpty());
  EXPECT_THAT(filter(handshake({.message_length = 100, .offset = 0xFFFFFF, .length = 100})),
              IsEmpty());
  EXPECT_THAT(filter(handshake({.message_length = 100, .offset = 5, .length = 0})), IsEmpty());
  EXPECT_EQ(filter.dropped().bad_fragment, 4);
  Filtered client(Role::kClient);
  EXPECT_TRUE(client.passes(handshake(
      {.type = HandshakeType::kServerHelloDone, .message_length = 0, .offset = 0, .length = 0})));
}

TEST(RecordFilter, every_message_of_a_record_is_looked_at) {
  Filtered filter;
  Wire two = fragment({});
  const Wire second = fragment({.type = HandshakeType::kCertificate, .message_sequence = 1});
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_TRUE(filter.passes(wire({.type = 22, .epoch = 0, .fragment = two})));
  two.pop_back();
  EXPECT_THAT(filter(wire({.type = 22, .epoch = 0, .fragment = two})), IsEmpty());
  EXPECT_THAT(filter(wire({.type = 22, .epoch = 0, .fragment = {}})), IsEmpty());
}

TEST(RecordFilter, plaintext_is_numbered_anew_and_protected_records_are_left_as_they_are) {
  Filtered filter;
  for (std::uint64_t i = 0; i < 3; ++i) {
    Wire datagram = handshake({});
    datagram[10] = 0xFF;
    const Wire protected_record = wire({.type = 22, .sequence = 99, .fragment = Wire(60)});
    datagram.insert(datagram.end(), protected_record.begin(), protected_record.end());
    const Wire out = filter(datagram);
    ByteReader reader(out);
    EXPECT_EQ(read_record(reader)->sequence, i);
    EXPECT_EQ(read_record(reader)->sequence, 99);
  }
}

TEST(RecordFilter, whatever_comes_every_record_passes_whole_or_is_counted) {
  Random random = Random::from_number(3);
  Filtered filter;
  std::uint64_t passed = 0;
  std::uint64_t all = 0;
  for (int i = 0; i < 20'000; ++i) {
    Wire datagram(random.below(200));
    random.fill(datagram);
    if (datagram.size() > 13 && i % 2 == 0) {
      datagram[0] = static_cast<std::uint8_t>(20 + random.below(5));
      datagram[1] = 0xFE;
      datagram[2] = 0xFD;
      datagram[3] = 0;
      datagram[4] = static_cast<std::uint8_t>(random.below(3));
      datagram[11] = 0;
    }
    ByteReader before(datagram);
    while (!before.at_end()) {
      ++all;
      if (!read_record(before)) break;
    }
    const Wire out = filter(datagram);
    ByteReader after(out);
    while (!after.at_end()) {
      ASSERT_TRUE(read_record(after));
      ++passed;
    }
  }
  EXPECT_EQ(passed + filter.dropped().total(), all);
  EXPECT_GT(passed, 0);
}

}  // namespace
}  // namespace beeline::dtls
