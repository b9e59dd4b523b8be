#include "beeline/base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace beeline {
namespace {

TEST(ByteReader, reads_big_endian_and_remembers_a_read_past_the_end) {
  const std::array<std::uint8_t, 7> bytes{1, 2, 3, 4, 5, 6, 7};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u32(), 0x04050607U);
  EXPECT_TRUE(reader.ok() && reader.at_end());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_FALSE(reader.ok());

  ByteReader short_of_one(bytes);
  EXPECT_EQ(short_of_one.u64(), 0U);
  EXPECT_FALSE(short_of_one.ok());
  EXPECT_EQ(short_of_one.remaining(), 0U) << "nothing can be read by mistake after a failure";
}

TEST(ByteWriter, writes_what_fits_and_nothing_else) {
  std::array<std::uint8_t, 4> buffer{9, 9, 9, 9};
  ByteWriter writer(buffer);
  writer.u16(0x0102);
  writer.u32(7);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.size(), 2U);
  EXPECT_EQ(buffer, (std::array<std::uint8_t, 4>{1, 2, 9, 9}));
  writer.u8(1);
  EXPECT_EQ(writer.size(), 2U) << "a writer that failed stays failed";
}

TEST(ByteWriter, patches_a_length_written_earlier) {
  std::array<std::uint8_t, 6> buffer{};
  ByteWriter writer(buffer);
  writer.u16(0);
  writer.append(as_bytes("abc"));
  writer.patch_u16(0, 3);
  EXPECT_EQ(as_text(writer.written()), std::string_view("\0\3abc", 5));
}

}  // namespace
}  // namespace beeline
