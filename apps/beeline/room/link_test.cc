// Two links in a simulated network: who offers, what happens when both do, what is done when
// something is lost or breaks.
#include "apps/beeline/room/link.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "beeline/sim/core_node.h"
#include "tests/scenarios/internet.h"

namespace beeline::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr sctp::StreamId kTalk{0};

const crypto::Identity& identity(int of) {
  static const crypto::Identity kIdentities[] = {
      crypto::make_identity(WallTime{std::chrono::seconds(1'790'000'000)}, std::chrono::days(30)),
      crypto::make_identity(WallTime{std::chrono::seconds(1'790'000'000)}, std::chrono::days(30))};
  return kIdentities[of];
}

// A member: its link, and the next one where that begins anew.
class Side {
 public:
  Side(scenarios::Internet& internet, const std::string& id, int of)
      : id_(id), of_(of), world_(internet.world), node_(internet.world.node(id)) {
    internet.attach(node_, internet.place(id, {}));
  }
  void meet(Side& other) { other_ = &other; }

  void begin(bool offers, bool reset_unanswered = false, unsigned attempts = 0) {
    ++links;
    LinkSettings settings{.self = id_,
                          .peer = other_->id_,
                          .offers = offers,
                          .reset_unanswered = reset_unanswered,
                          .attempts = attempts,
                          .transport = {.ice = {}, .sctp = {}, .identity = identity(of_)},
                          .channels = {{"talk", kTalk}}};
    link = std::make_unique<Link>(std::move(settings),
                                  world_.random("link/" + id_ + std::to_string(links)),
                                  world_.packets(), log_);
    host_ = std::make_unique<sim::CoreNode<Link>>(node_, *link,
                                                  [this](LinkEvent event) { take(event); });
    link->start(world_.now());
    host_->settle();
  }
  void tell(const std::function<void(Link&, Instant)>& command) {
    command(*link, world_.now());
    host_->settle();
  }
  void say(std::string_view text) {
    tell([&](Link& one, Instant now) {
      ASSERT_TRUE(one.send(kTalk, true, {text.begin(), text.end()}, now));
    });
  }
  void vanish() {
    host_.reset();
    link.reset();
  }

  std::unique_ptr<Link> link;
  int links = 0;
  int wanted_servers = 0;
  bool open = false;
  std::map<std::string, int> said;  // kinds of items
  std::vector<std::string> heard;
  // Items of that kind are lost on their way, so many times.
  std::map<std::string, int> loses;
  Duration delay = 20ms;

 private:
  static std::string kind_of(const signaling::Item& item) {
    if (const auto* description = std::get_if<signaling::DescriptionItem>(&item))
      return description->type;
    constexpr std::array kKinds = {"description", "candidate", "end", "reset", "ask", "go"};
    return kKinds[item.index()];
  }
  void take(LinkEvent& event) {
    if (auto* say = std::get_if<SayItems>(&event)) relay(std::move(say->items));
    if (std::holds_alternative<WantServers>(event)) ++wanted_servers;
    if (const auto* anew = std::get_if<StartAnew>(&event)) {
      // Not from inside its own event.
      world_.after(0us, [this, ours = anew->ours, attempts = link->attempts()] {
        tell([](Link& one, Instant now) { one.close(now); });
        host_.reset();
        open = false;
        if (ours) relay({signaling::ResetItem{}});
        begin(ours, ours, attempts);
      });
    }
    if (const auto* channel = std::get_if<sctp::ChannelEvent>(&event)) {
      open = open || std::holds_alternative<sctp::ChannelOpened>(*channel);
      if (const auto* message = std::get_if<sctp::ChannelMessage>(channel))
        heard.emplace_back(as_text(message->bytes));
    }
  }
  void relay(std::vector<signaling::Item> items) {
    std::erase_if(items, [this](const signaling::Item& item) {
      ++said[kind_of(item)];
      return loses[kind_of(item)]-- > 0;
    });
    world_.after(delay, [this, items = std::move(items)] {
      if (!other_->link) return;
      other_->link->receive(items, world_.now());
      other_->host_->settle();
    });
  }

  std::string id_;
  int of_;
  sim::World& world_;
  sim::Node& node_;
  NullLog log_;
  Side* other_ = nullptr;
  std::unique_ptr<sim::CoreNode<Link>> host_;
};

class Links : public testing::Test {
 protected:
  Links() {
    ana.meet(ben);
    ben.meet(ana);
  }
  bool run_until(const std::function<bool()>& done, Duration most = 60s) {
    const Instant end = internet.world.now() + most;
    while (!done() && internet.world.now() < end) internet.world.run_for(5ms);
    return done();
  }
  void run(Duration span) { internet.world.run_for(span); }
  void expect_talk() {
    ASSERT_TRUE(run_until([&] { return ana.open && ben.open; }));
    ana.say("from ana");
    ben.say("from ben");
    ASSERT_TRUE(run_until([&] { return !ana.heard.empty() && !ben.heard.empty(); }));
    EXPECT_THAT(ana.heard, ElementsAre("from ben"));
    EXPECT_THAT(ben.heard, ElementsAre("from ana"));
  }
  void connect() {
    ana.begin(false);
    ben.begin(true);
    ASSERT_TRUE(run_until([&] { return ana.open && ben.open; }));
  }

  scenarios::Internet internet{1};
  // The lower id is the polite side.
  Side ana{internet, "ana", 0};
  Side ben{internet, "ben", 1};
};

TEST_F(Links, one_offers_and_the_other_answers) {
  ana.begin(false);
  ben.begin(true);
  expect_talk();
  EXPECT_TRUE(ana.link->polite());
  EXPECT_FALSE(ben.link->polite());
  EXPECT_EQ(ana.said["offer"], 0);
  EXPECT_EQ(ana.said["answer"], 1);
  EXPECT_EQ(ben.said["offer"], 1);
  EXPECT_EQ(ben.said["answer"], 0);
}

TEST_F(Links, both_offer_at_once_and_the_polite_one_gives_way) {
  ana.begin(true);
  ben.begin(true);
  expect_talk();
  EXPECT_EQ(ana.said["offer"], 1);
  EXPECT_EQ(ben.said["offer"], 1);
  EXPECT_EQ(ana.said["answer"], 1);
  EXPECT_EQ(ben.said["answer"], 0);
  EXPECT_EQ(ana.links + ben.links, 2);
}

TEST_F(Links, glare_ends_well_with_any_delay_between_the_two) {
  for (int late = 0; late <= 60; late += 5) {
    scenarios::Internet one(7);
    Side polite(one, "a", 0), impolite(one, "b", 1);
    polite.meet(impolite);
    impolite.meet(polite);
    (late % 2 == 0 ? polite : impolite).begin(true);
    one.world.run_for(std::chrono::milliseconds(late));
    (late % 2 == 0 ? impolite : polite).begin(true);
    // Who is not there yet does not hear an offer, which is repeated then.
    for (int i = 0; i < 3000 && !(polite.open && impolite.open); ++i) one.world.run_for(5ms);
    EXPECT_TRUE(polite.open && impolite.open) << late;
  }
}

TEST_F(Links, who_waits_for_an_offer_makes_one_itself_after_eight_seconds) {
  ana.begin(false);
  run(Link::kOfferPatience - 1us);
  EXPECT_EQ(ana.said["offer"], 0);
  run(1us);
  EXPECT_EQ(ana.said["offer"], 1);
}

TEST_F(Links, an_offer_or_an_answer_that_is_lost_is_said_again) {
  for (const char* kind : {"offer", "answer"}) {
    scenarios::Internet one(3);
    Side a(one, "a", 0), b(one, "b", 1);
    a.meet(b);
    b.meet(a);
    a.loses[kind] = b.loses[kind] = 1;
    a.begin(false);
    b.begin(true);
    for (int i = 0; i < 2000 && !(a.open && b.open); ++i) one.world.run_for(5ms);
    EXPECT_TRUE(a.open && b.open) << kind;
    EXPECT_EQ(b.said["offer"], 2) << kind;
  }
}

TEST_F(Links, candidates_of_twenty_milliseconds_are_one_relay) {
  ana.begin(false);
  ben.begin(true);
  run(1ms);
  EXPECT_EQ(ben.said["candidate"] + ben.said["end"], 0);
  run(30ms);
  EXPECT_GE(ben.said["candidate"], 1);
}

TEST_F(Links, a_reset_by_either_side_begins_anew_on_both) {
  for (const bool by_polite : {true, false}) {
    scenarios::Internet one(5);
    Side a(one, "a", 0), b(one, "b", 1);
    a.meet(b);
    b.meet(a);
    a.begin(false);
    b.begin(true);
    for (int i = 0; i < 400 && !(a.open && b.open); ++i) one.world.run_for(5ms);
    // As the other one would be told.
    (by_polite ? a : b).tell([](Link& link, Instant now) {
      link.receive({signaling::ResetItem{}}, now);
    });
    for (int i = 0; i < 4000 && (a.links + b.links < 4 || !(a.open && b.open)); ++i)
      one.world.run_for(5ms);
    EXPECT_TRUE(a.open && b.open) << by_polite;
  }
}

TEST_F(Links, the_polite_side_asks_before_it_offers_again) {
  connect();
  ana.tell([](Link& link, Instant) { link.peer().restart_ice(); });
  ASSERT_TRUE(run_until([&] { return ana.said["offer"] == 1 && ben.said["answer"] == 1; }, 2s));
  EXPECT_EQ(ana.said["ask"], 1);
  EXPECT_EQ(ben.said["go"], 1);
}

TEST_F(Links, who_hears_no_go_offers_all_the_same) {
  connect();
  ana.loses["ask"] = 1;
  ana.tell([](Link& link, Instant) { link.peer().restart_ice(); });
  run(OfferTurn::kPatience - 1ms);
  EXPECT_EQ(ana.said["offer"], 0);
  run(2ms);
  EXPECT_EQ(ana.said["offer"], 1);
}

TEST_F(Links, who_said_go_holds_its_own_offer_back) {
  connect();
  ben.tell([](Link& link, Instant now) { link.receive({signaling::AskItem{}}, now); });
  EXPECT_EQ(ben.said["go"], 1);
  const int before = ben.said["offer"];
  ben.tell([](Link& link, Instant) { link.peer().restart_ice(); });
  run(OfferTurn::kPatience - 1ms);
  EXPECT_EQ(ben.said["offer"], before) << "the other side was promised its turn";
  run(2ms);
  EXPECT_EQ(ben.said["offer"], before + 1) << "and did not take it";
}

TEST_F(Links, a_side_that_vanishes_is_looked_for_with_restarts_and_then_a_reset) {
  connect();
  ben.vanish();
  ASSERT_TRUE(run_until([&] { return ana.said["reset"] == 1; }, 300s));
  EXPECT_GE(ana.wanted_servers, 2);
  EXPECT_GE(ana.links, 2);
}

TEST_F(Links, nothing_is_tried_while_the_other_side_cannot_be_told) {
  connect();
  ben.vanish();
  ana.tell([](Link& link, Instant) { link.set_reachable(false); });
  run(120s);
  EXPECT_EQ(ana.said["reset"], 0);
  EXPECT_EQ(ana.wanted_servers, 0);
}

TEST_F(Links, a_member_that_began_anew_is_found_again) {
  connect();
  // As if its process had been replaced, and its reset been lost.
  ben.loses["reset"] = 1;
  ben.vanish();
  ben.open = ana.open = false;
  ben.begin(false);
  EXPECT_TRUE(run_until([&] { return ben.open; }, 300s));
}

}  // namespace
}  // namespace beeline::cli
