// Everything that beeline nat says to people, in one language; each language is written for itself.
// Which sentence applies is verdict.h's business.
#pragma once

#include <array>
#include <string_view>

#include "apps/beeline/language.h"
#include "beeline/stun/nat_behavior.h"
#include "beeline/stun/nat_probe.h"

namespace beeline::cli {

// Sentences by the values of an enum, in their order.
template <typename Enum, std::size_t Size>
struct Sentences {
  std::array<std::string_view, Size> all;
  std::string_view operator[](Enum value) const { return all[static_cast<std::size_t>(value)]; }
};

struct NatWords {
  std::string_view tag;                    // "en"
  Sentences<stun::NatKind, 8> kind;        // its name
  Sentences<stun::NatKind, 8> sentence;    // what it means for somebody who calls
  Sentences<stun::NatKind, 8> advice;      // what to do about it
  Sentences<stun::NatKind, 8> short_kind;  // for the table's row
  // {} is the server.
  Sentences<stun::NatOutcome, 5> outcome;
  Sentences<stun::NatOutcome, 5> remedy;
  Sentences<stun::NatBehavior, 3> mapping;
  Sentences<stun::NatBehavior, 3> filtering;
  Sentences<stun::NatPorts, 3> ports;
  Sentences<stun::NatDoubt, 10> doubt;
  Sentences<stun::NatStep, 6> step;
  // Names of lines.
  std::string_view asked, mapping_line, filtering_line, ports_line, hairpin_line, lifetime_line,
      directly_line, relayed_line, advice_line;
  // Pictures and the rest.
  std::string_view this_machine, router, no_router;
  std::string_view whom_you_called, its_other_ports, everybody_else;  // who gets in
  std::string_view nobody;
  std::string_view hairpin_yes, hairpin_shows_inside, hairpin_no;
  std::string_view port_step;  // {} is the step
  std::string_view several_addresses;
  std::string_view lifetime_between;  // {} and {} are seconds
  std::string_view lifetime_below;    // {}
  std::string_view lifetime_above;    // {}
  std::string_view lifetime_not_asked;
  std::string_view may_take;   // {} seconds
  std::string_view separator;  // between names in a row
};

const NatWords& english();
const NatWords& traditional_chinese();
const NatWords& nat_words(Language language);

}  // namespace beeline::cli
