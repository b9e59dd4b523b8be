#include "beeline/sctp/wire/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

#include "beeline/base/random.h"

namespace beeline::sctp {
namespace {

std::uint32_t crc(Bytes bytes) {
  Crc32c made;
  made.add(bytes);
  return made.value();
}

// RFC 3720 §B.4, and the check value that every list of checksums has.
TEST(Crc32c, is_what_others_have) {
  EXPECT_EQ(crc(as_bytes("123456789")), 0xE3069283u);
  EXPECT_EQ(crc(std::vector<std::uint8_t>(32, 0)), 0x8A9136AAu);
  EXPECT_EQ(crc(std::vector<std::uint8_t>(32, 0xFF)), 0x62A8AB43u);
  std::vector<std::uint8_t> up(32), down(32);
  for (std::uint8_t i = 0; i < 32; ++i) {
    up[i] = i;
    down[i] = static_cast<std::uint8_t>(31 - i);
  }
  EXPECT_EQ(crc(up), 0x46DD794Eu);
  EXPECT_EQ(crc(down), 0x113FDB5Cu);
  EXPECT_EQ(crc({}), 0u);
}

TEST(Crc32c, is_the_same_in_pieces) {
  std::vector<std::uint8_t> bytes(300);
  Random random = Random::from_number(1);
  random.fill(bytes);
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    Crc32c made;
    made.add(Bytes(bytes).first(at));
    made.add(Bytes(bytes).subspan(at));
    ASSERT_EQ(made.value(), crc(bytes)) << at;
  }
}

TEST(Crc32c, by_the_processor_and_by_the_table_agree) {
  if (hardware_crc32c() == nullptr)
    GTEST_SKIP() << "this processor has no CRC-32C instruction; the table has tests of its own";
  Random random = Random::from_number(2);
  std::vector<std::uint8_t> bytes(2048);
  random.fill(bytes);
  for (std::size_t size = 0; size < 200; ++size)
    for (std::size_t at = 0; at < 9; ++at) {
      const Bytes part = Bytes(bytes).subspan(at, size);
      const std::uint32_t state = random.u32();
      ASSERT_EQ(hardware_crc32c()(state, part), table_crc32c(state, part)) << size << " at " << at;
    }
  EXPECT_EQ(hardware_crc32c()(~0u, bytes), table_crc32c(~0u, bytes));
}

}  // namespace
}  // namespace beeline::sctp
