#include "beeline/server/room_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace beeline::server {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kRoom = "abcdefghijklmnopqrstuvwxyz";

class RoomStoreTest : public testing::Test, public Log {
 protected:
  RoomStoreTest() { open(); }
  ~RoomStoreTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  // As if the process had been started anew.
  void open(RoomStore::Limits limits = {}) {
    store_.reset();
    store_ = std::make_unique<RoomStore>(loop_, *DataDirectory::open(folder_), limits, *this);
    store_->set_not_saved([this](const std::string& room) { not_saved_.push_back(room); });
  }
  std::vector<std::string> loaded() {
    std::vector<std::string> rooms;
    for (const auto& [room, state] : store_->load()) rooms.push_back(room + "=" + state);
    return rooms;
  }
  std::string only_file() const { return fs::directory_iterator(folder_)->path(); }
  // Runs the loop until `done` or, in a broken test, for five seconds.
  template <typename Done>
  void until(Done done) {
    const Instant give_up = loop_.now() + std::chrono::seconds(5);
    while (!done() && loop_.now() < give_up) {
      loop_.io().restart();
      loop_.io().run_one_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(done());
  }

  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel, std::string_view event, std::span<const LogField>) override {
    log_.emplace_back(event);
  }

  fs::path folder_ = fs::path(testing::TempDir()) / ("beeline-rooms-" + std::to_string(::getpid()));
  net::EventLoop loop_;
  std::unique_ptr<RoomStore> store_;
  std::vector<std::string> not_saved_;
  std::vector<std::string> log_;
};

TEST_F(RoomStoreTest, what_was_saved_is_there_at_the_next_start_and_readable_by_its_owner_only) {
  store_->save(kRoom, "one");
  store_->save(kRoom, "two\nlines");
  struct stat status{};
  ASSERT_EQ(::stat(only_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_THAT(only_file(), testing::Not(HasSubstr(kRoom))) << "who knows a room may enter it";
  open();
  EXPECT_THAT(loaded(), ElementsAre(std::string(kRoom) + "=two\nlines"));
  store_->save(kRoom, std::nullopt);
  open();
  EXPECT_THAT(loaded(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(RoomStoreTest, a_file_that_is_no_rooms_is_told_and_left_alone) {
  store_->save(kRoom, "state");
  const std::string file = only_file();
  std::ofstream(file) << "somebody wrote over it";
  EXPECT_THAT(loaded(), IsEmpty());
  EXPECT_THAT(log_, ElementsAre("room_file_unreadable"));
  EXPECT_TRUE(fs::exists(file));
}

TEST_F(RoomStoreTest, a_file_too_large_and_one_too_many_are_not_read) {
  RoomStore::Limits limits;
  limits.rooms = 2;
  limits.file_bytes = 64;
  open(limits);
  store_->save("room one", std::string(64 - 9, 'x'));
  EXPECT_EQ(loaded().size(), 1U);
  store_->save("room one", std::string(64 - 8, 'x'));
  EXPECT_THAT(loaded(), IsEmpty());
  for (const char* room : {"a", "b", "c"}) store_->save(room, "state");
  store_->save("room one", std::nullopt);
  EXPECT_EQ(loaded().size(), 2U);
}

TEST_F(RoomStoreTest, a_disk_that_refuses_is_told_once_in_the_log_and_tried_again) {
  RoomStore::Limits limits;
  limits.retry = std::chrono::seconds(0);
  open(limits);
  fs::remove_all(folder_);
  store_->save(kRoom, "one");
  store_->save("another room", "two");
  EXPECT_THAT(not_saved_, ElementsAre(kRoom, "another room"));
  EXPECT_THAT(log_, ElementsAre("rooms_not_saved"));
  EXPECT_EQ(store_->waiting(), 2U);
  fs::create_directories(folder_);
  until([&] { return store_->waiting() == 0; });
  EXPECT_THAT(log_, ElementsAre("rooms_not_saved", "rooms_saved_again"));
  EXPECT_EQ(loaded().size(), 2U);
}

TEST_F(RoomStoreTest, writes_more_often_than_the_rate_wait_and_the_last_one_counts) {
  RoomStore::Limits limits;
  limits.writes = {2, std::chrono::milliseconds(20)};
  open(limits);
  for (int i = 0; i < 100; ++i) store_->save(kRoom, std::to_string(i));
  EXPECT_EQ(store_->waiting(), 1U);
  until([&] { return store_->waiting() == 0; });
  EXPECT_THAT(loaded(), ElementsAre(std::string(kRoom) + "=99"));
  store_->save(kRoom, "a");
  store_->save(kRoom, "b");
  store_->save(kRoom, "the end");
  open();
  EXPECT_THAT(loaded(), ElementsAre(std::string(kRoom) + "=the end")) << "an end waits for nothing";
}

}  // namespace
}  // namespace beeline::server
