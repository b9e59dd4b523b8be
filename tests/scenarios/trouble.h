// What befalls a side in the middle of a call: its router forgets, it moves, its link loses, it
// sleeps. What a call is made of does not matter here.
#pragma once

#include <functional>

#include "tests/scenarios/internet.h"
#include "tests/scenarios/random_call.h"

namespace beeline::scenarios {

// One side, as trouble sees it.
struct Whereabouts {
  sim::Node* node = nullptr;
  Place* place = nullptr;
  int moves = 0;
};

class Trouble {
 public:
  // Both are borrowed; `elsewhere` is where an interface swap leads.
  Trouble(Internet& internet, const PlacePlan& elsewhere)
      : internet_(internet), elsewhere_(elsewhere) {}

  void befall(Whereabouts& side, const Fault& fault);
  // Nothing is lost, damaged, doubled or reordered from now on; delays and sizes stay.
  void heal(Whereabouts& side);

  // A side is about to wake.
  std::function<void()> wakes;
  // The application has ICE begin anew.
  std::function<void()> restarts_ice;

 private:
  void move(Whereabouts& side);
  void outage(sim::Link& link, Duration lasts);
  void lose(sim::Link& link, const sim::LinkProfile& usual, Duration lasts);

  Internet& internet_;
  const PlacePlan& elsewhere_;
};

}  // namespace beeline::scenarios
