// Descriptions that browsers and other projects wrote, from the folder of test data beside the
// repository. Where it is missing, these are skipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "beeline/sdp/parser.h"
#include "beeline/sdp/test_every_attribute.h"
#include "beeline/sdp/writer.h"

namespace beeline::sdp {
namespace {

using testing::IsEmpty;

// Where a browser gave an error instead of an answer, that is what the file holds.
constexpr std::string_view kNoDescription = "chromium156.answer-to-firefox153.svc-av1.sdp";

struct File {
  std::string name;
  std::string text;
};

std::vector<File> files_in(const std::string& folder) {
  std::vector<File> files;
  const std::filesystem::path path = std::filesystem::path(BEELINE_CORPUS_DIR) / folder;
  if (!std::filesystem::is_directory(path)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.path().extension() != ".sdp") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files.push_back({entry.path().filename(), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::ranges::sort(files, {}, &File::name);
  return files;
}

class SdpCorpus : public testing::Test {
 protected:
  const std::vector<File> browsers = files_in("browser-sdp");
  const std::vector<File> others = files_in("sdp");

  void SetUp() override {
    if (browsers.empty() || others.empty())
      GTEST_SKIP() << "no test data in " << BEELINE_CORPUS_DIR;
  }
};

void expect_same_again(const File& file, const Session& session) {
  const auto again = parse(write(session));
  ASSERT_TRUE(again) << file.name << ": " << to_string(again.error());
  EXPECT_TRUE(*again == session) << file.name;
}

TEST_F(SdpCorpus, every_description_of_a_browser_is_read_and_written_byte_by_byte) {
  int identical = 0;
  for (const File& file : browsers) {
    const auto session = parse(file.text);
    if (file.name == kNoDescription) {
      EXPECT_FALSE(session);
      continue;
    }
    ASSERT_TRUE(session) << file.name << ": " << to_string(session.error());
    expect_same_again(file, *session);
    EXPECT_EQ(write(*session), file.text) << file.name;
    identical += write(*session) == file.text ? 1 : 0;
  }
  RecordProperty("files", static_cast<int>(browsers.size()));
  RecordProperty("identical", identical);
}

TEST_F(SdpCorpus, every_attribute_of_a_browser_that_we_know_is_read) {
  int read = 0;
  for (const File& file : browsers) {
    if (file.name == kNoDescription) continue;
    const Findings findings = read_everything(*parse(file.text));
    EXPECT_THAT(findings.unreadable, IsEmpty()) << file.name;
    EXPECT_THAT(findings.changed, IsEmpty()) << file.name;
    EXPECT_GT(findings.read, 5U) << file.name;
    read += static_cast<int>(findings.read);
  }
  RecordProperty("values", read);
}

TEST_F(SdpCorpus, every_section_of_a_browser_has_what_a_connection_needs) {
  for (const File& file : browsers) {
    if (file.name == kNoDescription) continue;
    const auto session = parse(file.text);
    EXPECT_TRUE(first<Origin>(*session)) << file.name;
    for (const Media& media : session->media) {
      EXPECT_TRUE(first<Mid>(media)) << file.name;
      if (media.is_rejected()) continue;
      EXPECT_TRUE(effective<IceUfrag>(*session, media)) << file.name;
      EXPECT_TRUE(effective<IcePwd>(*session, media)) << file.name;
      EXPECT_TRUE(effective<sdp::Setup>(*session, media)) << file.name;
      EXPECT_FALSE(effective_all<Fingerprint>(*session, media)->empty()) << file.name;
      if (media.uses_rtp()) {
        EXPECT_EQ(codecs(media).size(), media.formats.size()) << file.name;
      } else {
        EXPECT_TRUE(is_data_channel(media) && sctp_port(media)) << file.name;
      }
    }
  }
}

TEST_F(SdpCorpus, every_other_description_is_read_or_refused_by_name) {
  int read = 0;
  std::map<std::string, int> refused;
  for (const File& file : others) {
    const auto session = parse(file.text);
    if (!session) {
      ParseError error = session.error();
      EXPECT_FALSE(to_string(error).empty());
      error.line = 0;
      ++refused[to_string(error)];
      continue;
    }
    ++read;
    expect_same_again(file, *session);
    EXPECT_THAT(read_everything(*session).changed, IsEmpty()) << file.name;
  }
  RecordProperty("files", static_cast<int>(others.size()));
  RecordProperty("read", read);
  std::string why;
  for (const auto& [sentence, count] : refused)
    why += std::to_string(count) + "x " + sentence + ' ';
  RecordProperty("refused", why);
  EXPECT_GT(read, 200);
}

}  // namespace
}  // namespace beeline::sdp
