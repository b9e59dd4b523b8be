#include "apps/beeline/lab/numbered_datagrams.h"

#include <gtest/gtest.h>

namespace beeline::cli {
namespace {

using std::chrono::milliseconds;

TEST(NumberedDatagrams, counts_what_is_heard_lost_and_doubled) {
  NumberedDatagrams sender;
  NumberedDatagrams receiver;
  Instant now;
  for (int i = 0; i < 10; ++i) {
    const std::string text = sender.next();
    now = now + milliseconds(i == 8 ? 700 : 100);
    if (i < 2 || i == 5) continue;  // the first two came before there was a path
    receiver.hear(text, now);
    if (i == 4) receiver.hear(text, now);
  }
  const auto counts = receiver.counts();
  EXPECT_EQ(counts.heard, 7U);
  EXPECT_EQ(counts.lost, 1U);
  EXPECT_EQ(counts.doubled, 1U);
  EXPECT_EQ(counts.longest_silence, milliseconds(700));
  EXPECT_EQ(sender.counts().sent, 10U);
}

TEST(NumberedDatagrams, counts_what_has_no_number_apart) {
  NumberedDatagrams receiver;
  for (const char* text : {"", "number ", "number", "number 1x", "Number 1",
                           "number 99999999999999999999999", "hello"})
    receiver.hear(text, {});
  EXPECT_EQ(receiver.counts().other, 7U);
  EXPECT_EQ(receiver.counts().heard, 0U);
}

}  // namespace
}  // namespace beeline::cli
