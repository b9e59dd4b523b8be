// What the owner reads when the server starts: addresses, what works, a room to try, a QR code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"

namespace beeline::server {

struct StartupFacts {
  std::string version;
  std::string local_url;                  // for this machine; empty where clear text is not served
  std::vector<std::string> network_urls;  // for others, best first
  std::string trust_url;  // explains the own authority; empty with a certificate of the owner's
  std::string room;       // empty where the web app does not run
  WallTime certificate_expires;
  bool certificate_made_here = false;
  std::vector<std::string> turn;  // one line per listener or relay address
  std::optional<Port> turn_port;  // none where no TURN server runs
  std::optional<Port> turns_port;
  std::vector<std::string> warnings;
  std::string metrics_url;
};

// For people: `colour` where the output is a terminal that wants it.
std::string startup_text(const StartupFacts& facts, bool colour);
// For programs: one JSON object, {"event":"ready", …}, without a newline.
std::string startup_json(const StartupFacts& facts);

}  // namespace beeline::server
