// The whole visit: what a client meets on its way to a call, in the order it meets it, each with
// what to do about it. Blocks; reports line by line.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "beeline/base/random.h"
#include "beeline/doctor/turn_probe.h"
#include "beeline/doctor/web_probe.h"
#include "beeline/server/addresses.h"
#include "beeline/server/finding.h"

namespace beeline::doctor {

using Report = std::function<void(const server::Finding&)>;

// The server to visit.
struct Subject {
  std::string host;  // DNS name or address
  Port port{443};
  // The server's own authority, known where the doctor runs on the server's machine; else empty.
  std::string authority_pem;
};

// "https://host", "host", "host:port", "[v6]:port"; none for anything else.
std::optional<Subject> parse_subject(std::string_view text);

// From where a client stands. `now` judges certificates and clocks.
void examine_from_outside(const Subject& subject, WallTime now, const Random& random,
                          const Report& report);

// What the machine itself can tell, before anybody connects: the addresses, the data directory.
void examine_from_inside(const server::Config& config, const server::Addresses& addresses,
                         const Report& report);

}  // namespace beeline::doctor
