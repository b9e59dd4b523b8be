// What may be said when (W3C webrtc-pc §4.3.1, RFC 9429 §3.2): every state with every description
// of either side; taking back, giving way, and descriptions that come too late.
#include <gmock/gmock.h>

#include "beeline/peer/negotiation/test_negotiation.h"
#include "beeline/sdp/attribute/setup.h"

namespace beeline::peer {
namespace {

using Cause = NegotiationError::Cause;
using State = SignalingState;
using Type = DescriptionType;

// --- the table
// ------------------------------------------------------------------------------------

constexpr State kStates[] = {State::kStable,
                             State::kHaveLocalOffer,
                             State::kHaveRemoteOffer,
                             State::kHaveLocalPranswer,
                             State::kHaveRemotePranswer,
                             State::kClosed};
constexpr Type kTypes[] = {Type::kOffer, Type::kPranswer, Type::kAnswer, Type::kRollback};

// Where a description leads; none: it may not be said.
std::optional<State> next(State state, bool local, Type type) {
  switch (state) {
    case State::kStable:
      if (type == Type::kOffer) return local ? State::kHaveLocalOffer : State::kHaveRemoteOffer;
      break;
    case State::kHaveLocalOffer:
      if (local && type == Type::kOffer) return State::kHaveLocalOffer;
      if (local && type == Type::kRollback) return State::kStable;
      if (!local && type == Type::kAnswer) return State::kStable;
      if (!local && type == Type::kPranswer) return State::kHaveRemotePranswer;
      if (!local && type == Type::kOffer) return State::kHaveRemoteOffer;  // gives way
      break;
    case State::kHaveRemoteOffer:
      if (!local && type == Type::kOffer) return State::kHaveRemoteOffer;
      if (!local && type == Type::kRollback) return State::kStable;
      if (local && type == Type::kAnswer) return State::kStable;
      if (local && type == Type::kPranswer) return State::kHaveLocalPranswer;
      break;
    case State::kHaveLocalPranswer:
      if (local && type == Type::kPranswer) return State::kHaveLocalPranswer;
      if (local && type == Type::kAnswer) return State::kStable;
      break;
    case State::kHaveRemotePranswer:
      if (!local && type == Type::kPranswer) return State::kHaveRemotePranswer;
      if (!local && type == Type::kAnswer) return State::kStable;
      break;
    case State::kClosed:
      break;
  }
  return std::nullopt;
}

// An end in `state`, and the other one, which has said or heard what leads there.
struct InState {
  explicit InState(State state) {
    switch (state) {
      case State::kStable:
        break;
      case State::kHaveLocalOffer:
        EXPECT_TRUE(other.core.set_remote(end.offer()));
        break;
      case State::kHaveRemoteOffer:
        EXPECT_TRUE(end.core.set_remote(other.offer()));
        break;
      case State::kHaveLocalPranswer:
        EXPECT_TRUE(end.core.set_remote(other.offer()));
        EXPECT_TRUE(end.core.set_local({Type::kPranswer, end.make_answer().sdp}));
        break;
      case State::kHaveRemotePranswer:
        EXPECT_TRUE(other.core.set_remote(end.offer()));
        EXPECT_TRUE(end.core.set_remote({Type::kPranswer, other.make_answer().sdp}));
        break;
      case State::kClosed:
        end.core.close();
        break;
    }
    EXPECT_EQ(end.core.state(), state);
  }

  // A description of this type that is as good as can be had in this state.
  Description best(bool local, Type type) {
    if (type == Type::kRollback) return {type, ""};
    NegotiatingEnd stranger(7);
    NegotiatingEnd& maker = local ? end : other;
    if (type == Type::kOffer) {
      const auto made = maker.core.make_offer(maker.transport, true);
      return made ? *made : stranger.make_offer();
    }
    if (const auto made = maker.core.make_answer(maker.transport)) return {type, made->sdp};
    EXPECT_TRUE(stranger.core.set_remote(NegotiatingEnd(8).make_offer()));
    return {type, stranger.make_answer().sdp};
  }

  NegotiatingEnd end{0}, other{1};
};

TEST(SignalingStates, lead_where_the_table_of_w3c_says_and_nowhere_else) {
  int allowed = 0;
  for (const State state : kStates)
    for (const bool local : {true, false})
      for (const Type type : kTypes) {
        InState in(state);
        const std::string which = std::string(to_string(state)) + (local ? " local " : " remote ") +
                                  std::string(to_string(type));
        const Description description = in.best(local, type);
        const auto applied =
            local ? in.end.core.set_local(description) : in.end.core.set_remote(description);
        if (const auto wanted = next(state, local, type)) {
          ASSERT_TRUE(applied) << which << ": " << to_string(applied.error().cause) << ' '
                               << applied.error().detail;
          EXPECT_EQ(in.end.core.state(), *wanted) << which;
          EXPECT_EQ(*applied, type == Type::kAnswer || type == Type::kPranswer) << which;
          ++allowed;
        } else {
          ASSERT_FALSE(applied) << which;
          EXPECT_EQ(applied.error().cause,
                    state == State::kClosed ? Cause::kClosed : Cause::kWrongState)
              << which;
          EXPECT_EQ(in.end.core.state(), state) << which << " leaves it alone";
        }
      }
  EXPECT_EQ(allowed, 15);
}

TEST(SignalingStates, allow_offers_and_answers_to_be_made_where_they_can_be_used) {
  for (const State state : kStates) {
    InState in(state);
    EXPECT_EQ(in.end.core.make_offer(in.end.transport, true).has_value(),
              state == State::kStable || state == State::kHaveLocalOffer)
        << to_string(state);
    EXPECT_EQ(in.end.core.make_answer(in.end.transport).has_value(),
              state == State::kHaveRemoteOffer || state == State::kHaveLocalPranswer)
        << to_string(state);
    EXPECT_EQ(in.end.core.state(), state) << "making one says nothing";
  }
}

TEST(SignalingStates, what_cannot_be_read_changes_nothing) {
  for (const State state : kStates)
    for (const Type type : {Type::kOffer, Type::kPranswer, Type::kAnswer}) {
      InState in(state);
      const std::string described = in.end.core.local_description();
      for (const char* text : {"", "v=0", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"}) {
        EXPECT_FALSE(in.end.core.set_remote({type, text}));
        EXPECT_FALSE(in.end.core.set_local({type, text}));
      }
      EXPECT_EQ(in.end.core.state(), state);
      EXPECT_EQ(in.end.core.local_description(), described);
    }
}

// --- rollback
// -------------------------------------------------------------------------------------

TEST(Rollback, of_a_first_offer_leaves_nothing_of_it) {
  NegotiatingEnd ana(0), ben(1);
  const Description offer = ana.offer();
  ASSERT_TRUE(ana.core.set_local({Type::kRollback, ""}));
  EXPECT_EQ(ana.core.local_description(), "");
  EXPECT_EQ(ana.refusal_of_local(offer), Cause::kModified) << "it was taken back";
  ASSERT_TRUE(ben.core.set_remote(offer));
  EXPECT_EQ(ana.refusal_of_remote(ben.answer()), Cause::kWrongState);
  EXPECT_FALSE(ana.core.dtls_role());
  NegotiatingEnd carla(2);
  agree(ana, carla);
}

TEST(Rollback, of_a_later_offer_leaves_what_was_agreed_on) {
  NegotiatingEnd ana(0), ben(1);
  agree(ana, ben);
  const std::string local = ana.core.local_description();
  const std::string remote = ana.core.remote_description();
  ana.offer();
  EXPECT_NE(ana.core.local_description(), local);
  ASSERT_TRUE(ana.core.set_local({Type::kRollback, ""}));
  EXPECT_EQ(ana.core.local_description(), local);
  EXPECT_EQ(ana.core.remote_description(), remote);
  EXPECT_EQ(ana.core.remote()->ice.ufrag, ben.transport.ice.ufrag);
  agree(ana, ben);
}

TEST(Rollback, of_an_offer_of_the_other_side_leaves_what_was_agreed_on) {
  NegotiatingEnd ana(0), ben(1);
  agree(ana, ben);
  ben.transport.ice.ufrag = "other";
  const std::string remote = ana.core.remote_description();
  ASSERT_TRUE(ana.core.set_remote(ben.offer()));
  EXPECT_TRUE(ana.core.is_remote_restart());
  EXPECT_EQ(ana.core.remote()->ice.ufrag, "other");
  const Description answer = ana.make_answer();
  ASSERT_TRUE(ana.core.set_remote({Type::kRollback, ""}));
  EXPECT_FALSE(ana.core.is_remote_restart());
  EXPECT_EQ(ana.core.remote_description(), remote);
  EXPECT_EQ(ana.core.remote()->ice.ufrag, "bbcd");
  EXPECT_EQ(ana.refusal_of_local(answer), Cause::kWrongState);
}

// --- both offer at once
// ---------------------------------------------------------------------------

TEST(Glare, whoever_takes_the_others_offer_has_given_up_the_own) {
  NegotiatingEnd ana(0), ben(1);
  const Description of_ana = ana.offer();
  const Description of_ben = ben.offer();
  ASSERT_TRUE(ben.core.set_remote(of_ana));
  EXPECT_EQ(ben.core.state(), State::kHaveRemoteOffer);
  EXPECT_EQ(ben.core.local_description(), "");
  ASSERT_TRUE(ana.core.set_remote(ben.answer()));
  EXPECT_EQ(ben.refusal_of_local(of_ben), Cause::kModified) << "made for another state of affairs";
  agree(ben, ana);
}

TEST(Glare, an_offer_that_cannot_be_read_does_not_make_us_give_way) {
  NegotiatingEnd ana(0), ben(1);
  const Description offer = ana.offer();
  EXPECT_EQ(ana.refusal_of_remote({Type::kOffer, "nonsense"}), Cause::kUnreadable);
  EXPECT_EQ(ana.core.state(), State::kHaveLocalOffer);
  ASSERT_TRUE(ben.core.set_remote(offer));
  EXPECT_TRUE(ana.core.set_remote(ben.answer()));
}

// --- too late
// -------------------------------------------------------------------------------------

TEST(Lateness, an_answer_to_an_offer_is_not_applied_after_another_offer_replaced_it) {
  NegotiatingEnd ana(0), ben(1);
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  const Description answer = ben.make_answer();
  ana.transport.ice.ufrag = "later";
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  EXPECT_EQ(ben.refusal_of_local(answer), Cause::kModified);
  EXPECT_EQ(ben.core.state(), State::kHaveRemoteOffer);
  ASSERT_TRUE(ana.core.set_remote(ben.answer()));
  EXPECT_EQ(ben.core.remote()->ice.ufrag, "later");
}

TEST(Lateness, only_the_answer_made_last_is_applied) {
  NegotiatingEnd ana(0), ben(1);
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  const Description first = ben.make_answer();
  const Description second = ben.make_answer();
  EXPECT_EQ(ben.refusal_of_local(first), Cause::kModified);
  EXPECT_TRUE(ben.core.set_local(second));
}

TEST(Lateness, an_offer_made_before_the_other_side_s_was_answered_is_not_said_any_more) {
  NegotiatingEnd ana(0), ben(1);
  const Description early = ben.make_offer();
  agree(ana, ben);
  EXPECT_EQ(ben.refusal_of_local(early), Cause::kModified)
      << "it does not know the sections that were agreed on since";
  agree(ben, ana);
}

TEST(Lateness, an_answer_comes_once) {
  NegotiatingEnd ana(0), ben(1);
  const Description answer = agree(ana, ben);
  EXPECT_EQ(ana.refusal_of_remote(answer), Cause::kWrongState);
  EXPECT_EQ(ben.refusal_of_local(answer), Cause::kWrongState);
}

TEST(Lateness, after_closing_nothing_is_made_or_taken) {
  NegotiatingEnd ana(0), ben(1);
  const Description answer = agree(ana, ben);
  ana.core.close();
  EXPECT_EQ(ana.core.make_offer(ana.transport, true).error().cause, Cause::kClosed);
  EXPECT_EQ(ana.core.make_answer(ana.transport).error().cause, Cause::kClosed);
  EXPECT_EQ(ana.refusal_of_remote(answer), Cause::kClosed);
}

TEST(LocalDescription, has_to_be_what_was_made_to_the_last_byte) {
  NegotiatingEnd ana(0), ben(1);
  Description offer = ana.make_offer();
  offer.sdp.back() = ' ';
  EXPECT_EQ(ana.refusal_of_local(offer), Cause::kModified);
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  Description answer = ben.make_answer();
  answer.sdp += "a=x\r\n";
  EXPECT_EQ(ben.refusal_of_local(answer), Cause::kModified);
}

// --- pranswer
// -------------------------------------------------------------------------------------

TEST(Pranswer, is_followed_by_an_answer_with_the_same_role) {
  NegotiatingEnd ana(0), ben(1);
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  const Description first = ben.make_answer();
  ASSERT_TRUE(ben.core.set_local({Type::kPranswer, first.sdp}));
  ASSERT_TRUE(ana.core.set_remote({Type::kPranswer, first.sdp}));
  EXPECT_EQ(ana.core.dtls_role(), dtls::Role::kServer);
  const Description last = ben.answer();
  ASSERT_TRUE(ana.core.set_remote(last));
  EXPECT_EQ(ana.core.dtls_role(), dtls::Role::kServer);
  EXPECT_EQ(ben.core.dtls_role(), dtls::Role::kClient);
  EXPECT_EQ(ana.core.remote_description(), last.sdp);
  EXPECT_EQ(ben.core.local_description(), last.sdp);
}

}  // namespace
}  // namespace beeline::peer
