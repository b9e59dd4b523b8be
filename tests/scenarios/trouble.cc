#include "tests/scenarios/trouble.h"

namespace beeline::scenarios {

void Trouble::befall(Whereabouts& side, const Fault& fault) {
  sim::World& world = internet_.world;
  sim::Node& node = *side.node;
  switch (fault.kind) {
    case FaultKind::kNatReboot:
      if (!side.place->routers.empty()) side.place->routers.back()->reboot();
      return;
    case FaultKind::kInterfaceSwap:
      return move(side);
    case FaultKind::kLinkOutage:
      for (sim::Link* link : node.links()) outage(*link, fault.lasts);
      return;
    case FaultKind::kLossBurst:
      for (sim::Link* link : node.links()) lose(*link, side.place->plan.link, fault.lasts);
      return;
    case FaultKind::kSuspend:
      node.suspend();
      return world.after(fault.lasts, [this, &node] {
        if (wakes) wakes();
        node.resume();
      });
    case FaultKind::kServerRestart:
      internet_.server->kill();
      return world.after(fault.lasts, [this] { internet_.server->start(); });
    case FaultKind::kIceRestart:
      return restarts_ice();
    case FaultKind::kCount:
      return;
  }
}

void Trouble::move(Whereabouts& side) {
  Place& place =
      internet_.place(side.node->name() + "'s next " + std::to_string(side.moves++), elsewhere_);
  std::vector<sim::Link*> old = side.node->links();
  internet_.attach(*side.node, place);
  for (sim::Link* link : old) side.node->detach(*link);
  side.place = &place;
}

void Trouble::outage(sim::Link& link, Duration lasts) {
  link.set_up(false);
  internet_.world.after(lasts, [&link] {
    if (!link.addresses().empty()) link.set_up(true);
  });
}

void Trouble::lose(sim::Link& link, const sim::LinkProfile& usual, Duration lasts) {
  sim::LinkProfile bad = usual;
  bad.loss = sim::Chance::percent(60);
  link.set_profile(bad);
  internet_.world.after(lasts, [&link, usual] { link.set_profile(usual); });
}

void Trouble::heal(Whereabouts& side) {
  for (sim::Link* link : side.node->links())
    link->set_profile({.delay = side.place->plan.link.delay, .mtu = side.place->plan.link.mtu});
}

}  // namespace beeline::scenarios
