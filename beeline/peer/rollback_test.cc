// Offers that are taken back while a call goes on: what was agreed on goes on as well.
#include <gmock/gmock.h>

#include "beeline/peer/test_call.h"

namespace beeline::peer {
namespace {

using namespace std::chrono_literals;
using Type = DescriptionType;

class TakenBack : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(call.meet());
    ASSERT_TRUE(call.connect());
    ASSERT_TRUE(call.talks());
  }
  std::string offer(End& by) {
    EXPECT_TRUE(
        by.tell([](PeerConnection& core, Instant now) { return core.set_local_description(now); }));
    return by.core.local_description();
  }
  void restart(End& by) {
    by.tell([](PeerConnection& core, Instant) { return core.restart_ice(), 0; });
  }
  void take_back(End& by, End& of) {
    ASSERT_TRUE(by.tell([](PeerConnection& core, Instant now) {
      return core.set_local_description({Type::kRollback, ""}, now);
    }));
    ASSERT_TRUE(call.give(of, Type::kRollback, ""));
  }
  void expect_the_call_goes_on() {
    call.world.run_for(90s);
    EXPECT_EQ(call.ana.core.connection_state(), ConnectionState::kConnected);
    EXPECT_EQ(call.ben.core.connection_state(), ConnectionState::kConnected);
    EXPECT_TRUE(call.talks());
  }
  void expect_a_new_agreement(End& offerer, End& answerer) {
    ASSERT_TRUE(call.give(answerer, Type::kOffer, offer(offerer)));
    const std::string answer = offer(answerer);
    ASSERT_TRUE(call.give(offerer, Type::kAnswer, answer));
    expect_the_call_goes_on();
  }
  Call call;
};

TEST_F(TakenBack, an_offer_leaves_the_call_alone) {
  ASSERT_TRUE(call.give(call.ben, Type::kOffer, offer(call.ana)));
  take_back(call.ana, call.ben);
  expect_the_call_goes_on();
  expect_a_new_agreement(call.ben, call.ana);
}

TEST_F(TakenBack, a_restart_is_still_wanted_and_asked_for_again) {
  restart(call.ana);
  const std::string first = offer(call.ana);
  ASSERT_TRUE(call.give(call.ben, Type::kOffer, first));
  const std::size_t asked = call.ana.negotiations_needed;
  take_back(call.ana, call.ben);
  EXPECT_EQ(call.ana.negotiations_needed, asked + 1);
  expect_a_new_agreement(call.ana, call.ben);
  EXPECT_NE(line_value(call.ana.core.local_description(), "a=ice-ufrag:"),
            line_value(first, "a=ice-ufrag:"));
}

TEST_F(TakenBack, a_restart_that_nobody_answered_leaves_the_old_path_until_it_is_agreed_on) {
  restart(call.ana);
  ASSERT_TRUE(call.give(call.ben, Type::kOffer, offer(call.ana)));
  take_back(call.ana, call.ben);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(call.talks());
    call.world.run_for(1s);
  }
  expect_a_new_agreement(call.ana, call.ben);
}

// Who has made an answer to it has begun anew as well.
TEST_F(TakenBack, a_restart_whose_answer_was_made_and_not_said_is_asked_for_by_both) {
  restart(call.ana);
  ASSERT_TRUE(call.give(call.ben, Type::kOffer, offer(call.ana)));
  ASSERT_TRUE(
      call.ben.tell([](PeerConnection& core, Instant now) { return core.create_answer(now); }));
  const std::size_t of_ana = call.ana.negotiations_needed;
  const std::size_t of_ben = call.ben.negotiations_needed;
  take_back(call.ana, call.ben);
  EXPECT_EQ(call.ana.negotiations_needed, of_ana + 1);
  EXPECT_EQ(call.ben.negotiations_needed, of_ben + 1);
  EXPECT_TRUE(call.talks());
  expect_a_new_agreement(call.ben, call.ana);
}

TEST(TakenBackFirst, an_offer_of_channels_that_were_never_agreed_on_is_needed_again) {
  Call call;
  call.offer();
  const std::size_t asked = call.ana.negotiations_needed;
  ASSERT_TRUE(call.ana.tell([](PeerConnection& core, Instant now) {
    return core.set_local_description({Type::kRollback, ""}, now);
  }));
  EXPECT_EQ(call.ana.negotiations_needed, asked + 1);
}

TEST_F(TakenBack, a_restart_goes_through_when_it_is_answered) {
  restart(call.ana);
  const std::string before = line_value(call.ana.core.local_description(), "a=ice-ufrag:");
  expect_a_new_agreement(call.ana, call.ben);
  EXPECT_NE(line_value(call.ana.core.local_description(), "a=ice-ufrag:"), before);
}

}  // namespace
}  // namespace beeline::peer
