#include "apps/beeline/room/line_editor.h"

#include <gmock/gmock.h>

#include "apps/beeline/room/words.h"

namespace beeline::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LineEditor, lines_end_with_enter) {
  LineEditor editor;
  EXPECT_THAT(editor.type("hel"), IsEmpty());
  EXPECT_THAT(editor.type("lo\ryou\nand"), ElementsAre("hello", "you"));
  EXPECT_EQ(editor.line(), "and");
}

TEST(LineEditor, erases_characters_words_and_the_line) {
  LineEditor editor;
  editor.type("a 你好\x7f");
  EXPECT_EQ(editor.line(), "a 你");
  editor.type("\x7f\x7f\x7f\x7f\x7f");
  EXPECT_EQ(editor.line(), "");
  editor.type("one two  \x17");
  EXPECT_EQ(editor.line(), "one ");
  editor.type("three\x15");
  EXPECT_EQ(editor.line(), "");
}

TEST(LineEditor, keys_that_move_are_passed_over) {
  LineEditor editor;
  editor.type("a\x1b[D\x1b[1;5C\x1bOHb\x1b[3~c");
  EXPECT_EQ(editor.line(), "abc");
}

TEST(LineEditor, ctrl_d_ends_it_on_an_empty_line_alone) {
  LineEditor editor;
  editor.type("a\x04");
  EXPECT_FALSE(editor.ended());
  editor.type("\x7f\x04");
  EXPECT_TRUE(editor.ended());
}

TEST(LineEditor, shows_the_end_of_a_long_line_in_cells) {
  LineEditor editor;
  editor.type("abc你好");
  EXPECT_EQ(editor.visible(7), "abc你好");
  EXPECT_EQ(editor.visible(6), "bc你好");
  EXPECT_EQ(editor.visible(3), "好") << "half a character is none";
  EXPECT_EQ(editor.visible(0), "");
}

TEST(Cells, wide_and_combining_characters) {
  EXPECT_EQ(cells_of("abc"), 3U);
  EXPECT_EQ(cells_of("蜜蜂"), 4U);
  EXPECT_EQ(cells_of("e\xCC\x81"), 1U);
  EXPECT_EQ(cells_of("\xF0\x9F\x90\x9D"), 2U);
  EXPECT_EQ(cells_of("\xFF\xE4"), 2U) << "bytes that are no character do not end it";
}

// What others call themselves, or say, must not steer the terminal.
TEST(Printable, nothing_that_steers_a_terminal_passes) {
  EXPECT_EQ(printable("a\x1b[2Jb\x07\x7f\rc"), "a[2Jbc");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "2Jb"),
            "a2Jb")
      << "C1: one byte of CSI";
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b\xE2\x81\xA6"
                      "c"),
            "abc")
      << "direction of writing";
  EXPECT_EQ(printable("one\ntwo\tthree"), "one\ntwo three");
  EXPECT_EQ(printable_line("one\ntwo"), "one two");
  EXPECT_EQ(printable("蜜蜂 é …"), "蜜蜂 é …");
}

TEST(Words, paths_have_their_mark_and_their_round_trip) {
  const RoomWords& words = room_words(Language::kEnglish);
  EXPECT_EQ(path_text({.kind = PathKind::kDirect, .round_trip = std::chrono::microseconds(12'400)},
                      words),
            "● direct 12 ms");
  EXPECT_EQ(
      path_text(
          {.kind = PathKind::kRelayed, .tcp = true, .round_trip = std::chrono::milliseconds(48)},
          words),
      "◐ relayed over TCP 48 ms");
  EXPECT_EQ(path_text({}, words), "○ looking for a path");
  EXPECT_EQ(path_text({.kind = PathKind::kRelayed, .round_trip = {}},
                      room_words(Language::kTraditionalChinese)),
            "◐ 中繼");
}

TEST(Words, every_end_says_something_in_both_languages) {
  for (const Language language : {Language::kEnglish, Language::kTraditionalChinese})
    for (const char* code : {"server_unreachable", "room_locked", "room_full", "server_full",
                             "password_needed", "password_wrong", "too_many_tries", "name_invalid",
                             "removed", "replaced", "room_closed", "something_new"})
      EXPECT_GT(end_text(code, "not_upgraded 404", room_words(language)).size(), 10U) << code;
  EXPECT_THAT(end_text("server_unreachable", "not_upgraded 404", room_words(Language::kEnglish)),
              testing::HasSubstr("404"));
}

}  // namespace
}  // namespace beeline::cli
