// An agent that sees only some addresses of the machine. A core around the core: what is asked of
// the host stays as it is, what the host tells is filtered.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "beeline/ice/agent.h"

namespace beeline::cli {

class ChosenInterfaces {
 public:
  using Input = ice::Agent::Input;
  using Transmit = ice::Agent::Transmit;
  using Event = ice::Agent::Event;

  // `agent` is borrowed; `chosen` empty: all addresses.
  ChosenInterfaces(ice::Agent& agent, std::vector<IpAddress> chosen)
      : agent_(agent), chosen_(std::move(chosen)) {}

  void handle_input(Input input, Instant now) {
    if (auto* changed = std::get_if<InterfacesChanged>(&input); changed && !chosen_.empty())
      std::erase_if(changed->interfaces, [this](const Interface& interface) {
        return std::ranges::find(chosen_, interface.address) == chosen_.end();
      });
    agent_.handle_input(std::move(input), now);
  }
  void handle_timeout(Instant now) { agent_.handle_timeout(now); }
  void flush(Instant now) { agent_.flush(now); }
  std::optional<Transmit> poll_transmit() { return agent_.poll_transmit(); }
  std::optional<Event> poll_event() { return agent_.poll_event(); }
  std::optional<Instant> next_timeout() const { return agent_.next_timeout(); }

 private:
  ice::Agent& agent_;
  std::vector<IpAddress> chosen_;
};

}  // namespace beeline::cli
