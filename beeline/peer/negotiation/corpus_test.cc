// Offers that browsers and other projects wrote, from the folder of test data beside the
// repository: answered, or refused by name. Where the folder is missing, these are skipped.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "beeline/peer/negotiation/test_negotiation.h"
#include "beeline/sdp/attribute/sctp.h"
#include "beeline/sdp/attribute/setup.h"

namespace beeline::peer {
namespace {

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
    files.push_back(
        {std::filesystem::relative(entry.path(), path), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::ranges::sort(files, {}, &File::name);
  return files;
}

class NegotiationCorpus : public testing::Test {
 protected:
  const std::vector<File> browsers = files_in("browser-sdp");
  const std::vector<File> others = files_in("sdp");

  void SetUp() override {
    if (browsers.empty() || others.empty())
      GTEST_SKIP() << "no test data in \"" << BEELINE_CORPUS_DIR << "\" (-DBEELINE_CORPUS=…)";
  }
  const File* find(const std::string& name) const {
    const auto at = std::ranges::find(browsers, name, &File::name);
    return at == browsers.end() ? nullptr : &*at;
  }
};

// What an answer has to be whatever the offer was.
void expect_fits(const sdp::Session& offer, const Description& answer, const std::string& name) {
  const auto session = sdp::parse(answer.sdp);
  ASSERT_TRUE(session) << name;
  ASSERT_EQ(session->media.size(), offer.media.size()) << name;
  std::size_t data = 0;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    EXPECT_EQ(session->media[i].kind, offer.media[i].kind) << name;
    EXPECT_EQ(session->media[i].protocol, offer.media[i].protocol) << name;
    EXPECT_EQ(session->media[i].formats, offer.media[i].formats) << name;
    EXPECT_EQ(name_of(session->media[i]), name_of(offer.media[i])) << name;
    if (offer.media[i].is_rejected()) {
      EXPECT_TRUE(session->media[i].is_rejected()) << name;
    }
    data += sdp::is_data_channel(session->media[i]) && !session->media[i].is_rejected() ? 1 : 0;
  }
  EXPECT_EQ(data, 1U) << name;
  EXPECT_TRUE(read_remote(*session)) << name << ": ours can be read by ourselves";
}

// Answered, or the name of what is wrong with it.
std::string answered(NegotiatingEnd& end, const File& offer) {
  const auto applied = end.core.set_remote({DescriptionType::kOffer, offer.text});
  if (!applied) {
    EXPECT_EQ(end.core.state(), SignalingState::kStable) << offer.name;
    return std::string(to_string(applied.error().cause));
  }
  const Description answer = end.make_answer();
  expect_fits(*sdp::parse(offer.text), answer, offer.name);
  EXPECT_TRUE(end.core.set_local(answer)) << offer.name;
  return "answered";
}

TEST_F(NegotiationCorpus, every_offer_of_a_browser_with_data_channels_is_answered) {
  std::map<std::string, int> results;
  for (const File& file : browsers) {
    if (!file.name.ends_with("offer.sdp")) continue;
    NegotiatingEnd end(0);
    const std::string result = answered(end, file);
    const auto session = sdp::parse(file.text);
    ASSERT_TRUE(session) << file.name;
    const bool has_data = std::ranges::any_of(session->media, [](const sdp::Media& media) {
      return sdp::is_data_channel(media) && !media.is_rejected();
    });
    EXPECT_EQ(result, has_data ? "answered" : "nothing_to_connect") << file.name;
    ++results[result];
  }
  EXPECT_GT(results["answered"], 15);
  for (const auto& [name, count] : results) RecordProperty(name, count);
}

TEST_F(NegotiationCorpus, every_later_offer_of_a_browser_is_answered_in_the_same_role) {
  int pairs = 0;
  for (const File& file : browsers) {
    const std::size_t at = file.name.find(".reoffer.sdp");
    if (at == std::string::npos) continue;
    const File* first = find(file.name.substr(0, at) + ".offer.sdp");
    // Where the first offer was not kept, the ordinary one of that browser stands for it.
    if (first == nullptr)
      first = find(file.name.substr(0, file.name.find('.')) + ".data-gathered.offer.sdp");
    if (first == nullptr) continue;
    NegotiatingEnd end(0);
    if (answered(end, *first) != "answered") continue;
    const auto role = end.core.dtls_role();
    const std::string ufrag = end.core.remote()->ice.ufrag;
    ASSERT_TRUE(end.core.set_remote({DescriptionType::kOffer, file.text})) << file.name;
    EXPECT_EQ(end.core.is_remote_restart(), end.core.remote()->ice.ufrag != ufrag) << file.name;
    const Description answer = end.make_answer();
    expect_fits(*sdp::parse(file.text), answer, file.name);
    EXPECT_TRUE(end.core.set_local(answer));
    EXPECT_EQ(end.core.dtls_role(), role) << file.name;
    ++pairs;
  }
  RecordProperty("pairs", pairs);
  EXPECT_GE(pairs, 4);
}

TEST_F(NegotiationCorpus, every_answer_of_a_browser_says_who_it_is) {
  int read = 0;
  for (const File& file : browsers) {
    const auto session = sdp::parse(file.text);
    if (file.name.ends_with("offer.sdp") || !session) continue;
    const auto remote = read_remote(*session);
    if (!remote) {
      EXPECT_EQ(remote.error().cause, NegotiationError::Cause::kNothing) << file.name;
      continue;
    }
    EXPECT_NE(remote->setup, sdp::Setup::Role::kActpass) << file.name;
    EXPECT_FALSE(remote->fingerprints.empty()) << file.name;
    ++read;
  }
  EXPECT_GT(read, 15);
}

TEST_F(NegotiationCorpus, every_other_description_is_answered_or_refused_by_name) {
  std::map<std::string, int> results;
  for (const File& file : others) {
    NegotiatingEnd end(0);
    const std::string result = answered(end, file);
    EXPECT_NE(result, "unknown") << file.name;
    ++results[result];
    // Nothing of it is left that would keep the next one from working.
    if (result != "answered") {
      NegotiatingEnd other(1);
      agree(end, other);
    }
  }
  std::string all;
  for (const auto& [name, count] : results) all += name + " " + std::to_string(count) + "; ";
  RecordProperty("results", all);
  EXPECT_GT(results["answered"], 10) << all;
}

// Whatever is done to an offer on its way, it is answered or refused, and an answer can be read.
TEST_F(NegotiationCorpus, a_damaged_offer_is_answered_or_refused) {
  const File* file = find("chromium156.data-gathered.offer.sdp");
  ASSERT_NE(file, nullptr);
  const auto try_it = [](const std::string& text) {
    NegotiatingEnd end(0);
    if (!end.core.set_remote({DescriptionType::kOffer, text})) return;
    const Description answer = end.make_answer();
    EXPECT_TRUE(sdp::parse(answer.sdp)) << text;
    EXPECT_TRUE(end.core.set_local(answer)) << text;
  };
  for (std::size_t size = 0; size < file->text.size(); ++size) try_it(file->text.substr(0, size));
  for (std::size_t bit = 0; bit < file->text.size() * 8; bit += 3) {
    std::string text = file->text;
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
    try_it(text);
  }
}

}  // namespace
}  // namespace beeline::peer
