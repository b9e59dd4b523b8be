// Rounds of sockets: who is told what and when, on socket pairs.
#include "beeline/net/ready_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <stdexcept>

#include "beeline/net/socket_address.h"

namespace beeline::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ReadySocketsTest : public testing::Test {
 protected:
  // One end of a stream in the set, the other in the test's hand.
  class Stream final : public ReadySockets::Reader {
   public:
    Stream(ReadySocketsTest& test, std::string name, ReadySockets::Trigger trigger)
        : test_(test), name_(std::move(name)) {
      std::array<int, 2> ends{};
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
      ours = FileDescriptor(ends[0]);
      theirs = FileDescriptor(ends[1]);
      id = test.sockets_.add(ours.get(), *this, trigger);
    }
    ~Stream() override { test_.sockets_.remove(id, ours.get()); }
    void ready(ReadySockets::Readiness what) override {
      readiness = what;
      if (what.readable) test_.told_.push_back(name_);
      if (on_ready) on_ready();
    }
    void round_done() override { test_.done_.push_back(name_); }
    void say(char letter) const { EXPECT_EQ(::send(theirs.get(), &letter, 1, 0), 1); }
    void read() const {
      char letter = 0;
      EXPECT_EQ(::recv(ours.get(), &letter, 1, 0), 1);
    }

    FileDescriptor ours;
    FileDescriptor theirs;
    std::uint64_t id = 0;
    ReadySockets::Readiness readiness;
    std::function<void()> on_ready;

   private:
    ReadySocketsTest& test_;
    std::string name_;
  };

  // Everything that is to be done now.
  void run() {
    io_.restart();
    while (io_.poll_one() > 0) {
    }
  }
  std::vector<std::string> told() { return std::exchange(told_, {}); }
  std::vector<std::string> done() { return std::exchange(done_, {}); }

  boost::asio::io_context io_;
  ReadySockets sockets_{io_.get_executor()};
  std::vector<std::string> told_;
  std::vector<std::string> done_;
};

TEST_F(ReadySocketsTest, an_edge_is_told_once_and_a_level_until_it_was_read) {
  Stream edge(*this, "edge", ReadySockets::Trigger::kEdge);
  run();
  told();
  edge.say('x');
  run();
  EXPECT_THAT(told(), ElementsAre("edge"));
  run();
  EXPECT_THAT(told(), IsEmpty());
  edge.say('y');
  run();
  EXPECT_THAT(told(), ElementsAre("edge")) << "what comes later is another edge";
  Stream level(*this, "level", ReadySockets::Trigger::kLevel);
  int reads = 0;
  level.on_ready = [&] {
    if (++reads == 3) level.read();
  };
  level.say('x');
  run();
  EXPECT_THAT(told(), ElementsAre("level", "level", "level"));
}

TEST_F(ReadySocketsTest, room_to_write_and_the_end_are_told_without_being_asked_for) {
  Stream stream(*this, "stream", ReadySockets::Trigger::kEdge);
  run();
  EXPECT_TRUE(stream.readiness.writable);
  EXPECT_FALSE(stream.readiness.ended);
  ::shutdown(stream.theirs.get(), SHUT_WR);
  run();
  EXPECT_TRUE(stream.readiness.ended);
  EXPECT_TRUE(stream.readiness.readable);
}

TEST_F(ReadySocketsTest, who_has_not_read_everything_is_told_again_after_the_others) {
  Stream busy(*this, "busy", ReadySockets::Trigger::kEdge);
  Stream other(*this, "other", ReadySockets::Trigger::kEdge);
  run();
  told();
  int rounds = 0;
  busy.on_ready = [&] {
    if (++rounds < 3) sockets_.again(busy.id);
    if (rounds == 1) other.say('x');
  };
  busy.say('x');
  run();
  EXPECT_EQ(rounds, 3);
  EXPECT_THAT(told(), UnorderedElementsAre("busy", "busy", "other", "busy"));
}

TEST_F(ReadySocketsTest, the_end_of_the_round_comes_after_everybody_was_told_and_to_who_asked) {
  Stream one(*this, "one", ReadySockets::Trigger::kEdge);
  Stream two(*this, "two", ReadySockets::Trigger::kEdge);
  Stream asks(*this, "asks", ReadySockets::Trigger::kEdge);
  run();
  done();
  std::size_t told_by_then = 0;
  one.on_ready = [&] { sockets_.when_round_done(asks.id); };
  two.on_ready = [&] { told_by_then = done_.size(); };
  one.say('x');
  two.say('x');
  run();
  EXPECT_EQ(told_by_then, 0U);
  EXPECT_THAT(done(), UnorderedElementsAre("one", "two", "asks"));
  sockets_.when_round_done(asks.id);
  EXPECT_THAT(done(), IsEmpty()) << "not inside the call";
  run();
  EXPECT_THAT(done(), ElementsAre("asks")) << "although nothing is ready";
}

TEST_F(ReadySocketsTest, a_reader_that_throws_takes_nothing_from_the_others) {
  Stream first(*this, "first", ReadySockets::Trigger::kEdge);
  Stream second(*this, "second", ReadySockets::Trigger::kEdge);
  run();
  told();
  bool thrown = false;
  const auto throws_once = [&] {
    if (!std::exchange(thrown, true)) throw std::runtime_error("a bug");
  };
  first.on_ready = throws_once;
  second.on_ready = throws_once;
  first.say('x');
  second.say('x');
  EXPECT_THROW(run(), std::runtime_error);
  run();
  EXPECT_THAT(told(), UnorderedElementsAre("first", "second")) << "an edge is told only once";
}

TEST_F(ReadySocketsTest, who_is_removed_in_a_round_hears_no_more_of_it) {
  auto gone = std::make_unique<Stream>(*this, "gone", ReadySockets::Trigger::kEdge);
  Stream remover(*this, "remover", ReadySockets::Trigger::kEdge);
  run();
  told();
  done();
  gone->on_ready = remover.on_ready = [&] {
    sockets_.when_round_done(gone->id);
    if (told_.back() == "remover") gone.reset();
  };
  remover.say('x');
  run();
  EXPECT_THAT(told(), ElementsAre("remover"));
  EXPECT_THAT(done(), ElementsAre("remover"));
}

TEST_F(ReadySocketsTest, who_takes_the_place_of_another_hears_nothing_that_was_meant_for_it) {
  auto gone = std::make_unique<Stream>(*this, "gone", ReadySockets::Trigger::kEdge);
  auto also_gone = std::make_unique<Stream>(*this, "also gone", ReadySockets::Trigger::kEdge);
  run();
  std::unique_ptr<Stream> next;
  const std::uint64_t former = gone->id;
  sockets_.again(former);
  sockets_.when_round_done(former);
  also_gone.reset();
  gone.reset();
  next = std::make_unique<Stream>(*this, "next", ReadySockets::Trigger::kEdge);
  EXPECT_EQ(static_cast<std::uint32_t>(next->id), static_cast<std::uint32_t>(former));
  EXPECT_NE(next->id, former);
  told();
  done();
  run();
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(done(), ElementsAre("next")) << "for its own first edge, that it can be written";
}

}  // namespace
}  // namespace beeline::net
