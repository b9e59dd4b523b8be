#include "beeline/dtls/flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/dtls/record.h"

namespace beeline::dtls {
namespace {

using testing::SizeIs;
using Wire = std::vector<std::uint8_t>;

Wire record(ContentType type, std::uint16_t epoch, std::size_t size) {
  Wire out(kRecordHeaderSize + size);
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u16(kDtls12);
  writer.u16(epoch);
  writer.u16(0xFFFF);
  writer.u32(7);
  writer.u16(static_cast<std::uint16_t>(size));
  return out;
}

TEST(Flight, records_share_datagrams_up_to_the_mtu) {
  Flight flight(226);
  const Wire small = record(ContentType::kHandshake, 0, 100);
  for (int i = 0; i < 3; ++i) flight.add(small);
  ASSERT_THAT(flight.datagrams(), SizeIs(2));
  EXPECT_THAT(flight.datagrams()[0], SizeIs(226));
  EXPECT_THAT(flight.datagrams()[1], SizeIs(113));
  Flight narrower(225);
  for (int i = 0; i < 3; ++i) narrower.add(small);
  EXPECT_THAT(narrower.datagrams(), SizeIs(3));
}

TEST(Flight, knows_whether_there_are_protected_records_in_it) {
  Flight flight(1200);
  flight.add(record(ContentType::kHandshake, 0, 10));
  flight.add(record(ContentType::kChangeCipherSpec, 0, 1));
  EXPECT_FALSE(flight.has_protected());
  flight.add(record(ContentType::kHandshake, 1, 40));
  EXPECT_TRUE(flight.has_protected());
  flight.clear();
  EXPECT_TRUE(flight.empty());
  EXPECT_FALSE(flight.has_protected());
}

//= RFC 6347 §4.1 test
TEST(PlaintextNumbers, count_the_records_of_epoch_0_and_leave_the_others_alone) {
  PlaintextNumbers numbers;
  for (std::uint64_t round = 0; round < 3; ++round) {
    Flight flight(1200);
    flight.add(record(ContentType::kHandshake, 0, 10));
    flight.add(record(ContentType::kHandshake, 1, 10));
    flight.add(record(ContentType::kChangeCipherSpec, 0, 1));
    Wire datagram = flight.datagrams()[0];
    numbers.renumber(datagram);
    ByteReader reader(datagram);
    EXPECT_EQ(read_record(reader)->sequence, round * 2);
    EXPECT_EQ(read_record(reader)->sequence, 0xFFFF'0000'0007);
    EXPECT_EQ(read_record(reader)->sequence, round * 2 + 1);
  }
}

}  // namespace
}  // namespace beeline::dtls
