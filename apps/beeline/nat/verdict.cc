#include "apps/beeline/nat/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace beeline::cli {
namespace {

using stun::NatBehavior;
using stun::NatKind;
using stun::NatOutcome;
using stun::NatReport;

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::size_t kColumns = 80;

std::string coloured(std::string_view text, std::string_view with, bool colour) {
  return colour ? fmt::format("{}{}\x1b[0m", with, text) : std::string(text);
}

// One character and the cells it takes on a terminal: Chinese characters are twice as wide.
struct Glyph {
  std::string_view bytes;
  std::size_t cells;
};
Glyph first_glyph(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // From U+2E80 on; arrows, lines and marks are narrow and below.
  const bool wide = lead > 0xE2 || (lead == 0xE2 && static_cast<unsigned char>(text[1]) >= 0xBA);
  return {text.substr(0, size), wide ? 2U : 1U};
}

std::size_t cells(std::string_view text) {
  std::size_t sum = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    sum += glyph.cells;
    text.remove_prefix(glyph.bytes.size());
  }
  return sum;
}

std::string padded(std::string_view text, std::size_t to) {
  const std::size_t has = cells(text);
  return std::string(text) + std::string(to > has ? to - has : 0, ' ');
}

// Broken at spaces, or between wide characters; lines after the first are indented.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::string word;
  std::size_t column = indent;
  const auto place = [&] {
    if (column + cells(word) > kColumns && column > indent) {
      while (out.ends_with(' ')) out.pop_back();
      out += '\n' + std::string(indent, ' ');
      column = indent;
      if (word.starts_with(' ')) word.erase(0, 1);
    }
    out += word;
    column += cells(word);
    word.clear();
  };
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    const bool breaks = glyph.bytes == " " || glyph.cells == 2;
    // What closes a clause stays with what it closes.
    const bool clings = glyph.bytes == "，" || glyph.bytes == "。" || glyph.bytes == "；" ||
                        glyph.bytes == "：" || glyph.bytes == "、" || glyph.bytes == "」" ||
                        glyph.bytes == "）";
    if (breaks && !clings) place();
    word += glyph.bytes;
    text.remove_prefix(glyph.bytes.size());
  }
  place();
  return out;
}

struct Behavior {
  NatBehavior mapping;
  NatBehavior filtering;
};

Behavior behavior_of(NatKind kind) {
  using enum NatBehavior;
  switch (kind) {
    case NatKind::kAddressRestricted:
      return {kEndpointIndependent, kAddressDependent};
    case NatKind::kPortRestricted:
      return {kEndpointIndependent, kAddressAndPortDependent};
    case NatKind::kSymmetric:
      return {kAddressAndPortDependent, kAddressAndPortDependent};
    default:
      return {kEndpointIndependent, kEndpointIndependent};
  }
}

// What it is, or all that it may be.
std::vector<NatBehavior> possible(const std::optional<NatBehavior>& known) {
  if (known) return {*known};
  return {NatBehavior::kEndpointIndependent, NatBehavior::kAddressDependent,
          NatBehavior::kAddressAndPortDependent};
}

// Aligned lines of a name and what there is to say.
class Lines {
 public:
  explicit Lines(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) width_ = std::max(width_, cells(name) + 2);
  }
  void add(std::string_view name, std::string_view text) {
    if (!text.empty()) text_ += padded(name, width_) + wrapped(text, width_) + '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  std::size_t width_ = 0;
  std::string text_;
};

template <typename T, typename Say>
std::string said(const stun::NatFinding<T>& finding, const NatWords& words, Say say) {
  return finding.value ? std::string(say(*finding.value)) : std::string(words.doubt[finding.doubt]);
}

std::string lifetime_text(const NatReport& report, const NatWords& words) {
  if (report.lifetime.doubt == stun::NatDoubt::kNotAsked)
    return fmt::format(fmt::runtime(words.lifetime_not_asked), 5);
  return said(report.lifetime, words, [&](const stun::NatLifetime& lifetime) {
    if (!lifetime.less_than)
      return fmt::format(fmt::runtime(words.lifetime_above), lifetime.at_least.count());
    if (lifetime.at_least.count() == 0)
      return fmt::format(fmt::runtime(words.lifetime_below), lifetime.less_than->count());
    return fmt::format(fmt::runtime(words.lifetime_between), lifetime.at_least.count(),
                       lifetime.less_than->count());
  });
}

// Who gets in, drawn:              ┌◀─ ● whom you called
//   192.0.2.2:5 ─── 203.0.113.1:4 ─┼◀─ ✕ its other ports
//   this machine    router         └◀─ ✕ everybody else
std::string picture(const NatReport& report, const NatWords& words, bool colour) {
  const bool translated = report.is_translated();
  const std::string local = report.local.to_string();
  const std::string outside = translated ? report.mapped.to_string() : std::string(words.no_router);
  const std::size_t first = std::max(cells(local), cells(words.this_machine));
  const std::size_t second =
      translated ? std::max(cells(outside), cells(words.router)) : cells(outside);
  const std::string blank(first + second + 7, ' ');
  const auto& filtering = report.filtering.value;
  const auto row = [&](std::string_view left, std::string_view joint, NatBehavior least,
                       std::string_view who) {
    const bool sure = filtering || least == NatBehavior::kAddressAndPortDependent;
    const bool in = !filtering || *filtering <= least;
    const std::string mark = !sure ? "?"
                             : in  ? coloured("●", kGreen, colour)
                                   : coloured("✕", kRed, colour);
    return fmt::format("  {}{}◀─ {} {}\n", left, joint, mark, who);
  };
  using enum NatBehavior;
  const std::string names =
      padded(words.this_machine, first + 5) + padded(translated ? words.router : "", second + 2);
  return row(blank, "┌", kAddressAndPortDependent, words.whom_you_called) +
         row(fmt::format("{} ─── {} ─", padded(local, first), padded(outside, second)), "┼",
             kAddressDependent, words.its_other_ports) +
         row(names, "└", kEndpointIndependent, words.everybody_else);
}

void add_measured(Lines& lines, const NatReport& report, const NatWords& words) {
  lines.add(words.mapping_line,
            said(report.mapping, words, [&](NatBehavior one) { return words.mapping[one]; }) +
                (report.several_addresses ? std::string(words.several_addresses) : ""));
  lines.add(words.filtering_line,
            said(report.filtering, words, [&](NatBehavior one) { return words.filtering[one]; }));
  lines.add(words.ports_line, said(report.ports, words, [&](stun::NatPorts one) {
              return std::string(words.ports[one]) +
                     (one == stun::NatPorts::kSequential
                          ? fmt::format(fmt::runtime(words.port_step), report.port_step)
                          : "");
            }));
  lines.add(words.hairpin_line, said(report.hairpinning, words, [&](bool one) {
              return !one                          ? words.hairpin_no
                     : report.hairpin_shows_inside ? words.hairpin_shows_inside
                                                   : words.hairpin_yes;
            }));
  lines.add(words.lifetime_line, lifetime_text(report, words));
}

void add_row(Lines& lines, const NatReport& report, const NatWords& words) {
  std::string directly;
  std::string relayed;
  for (const NatKind other : kOtherSides) {
    const auto direct = reaches_directly(report, other);
    if (!direct) continue;
    std::string& row = *direct ? directly : relayed;
    row += fmt::format("{}{}", row.empty() ? "" : words.separator, words.short_kind[other]);
  }
  if (directly.empty() && relayed.empty()) return;
  lines.add(words.directly_line, directly.empty() ? words.nobody : directly);
  lines.add(words.relayed_line, relayed.empty() ? words.nobody : relayed);
}

template <typename T>
boost::json::object finding_json(const stun::NatFinding<T>& finding) {
  boost::json::object object;
  if (!finding.value) {
    object["value"] = nullptr;
    object["why_not"] = to_string(finding.doubt);
  } else if constexpr (std::is_same_v<T, bool>) {
    object["value"] = *finding.value;
  } else {
    object["value"] = to_string(*finding.value);
  }
  return object;
}

void add_lifetime_json(boost::json::object& object, const NatReport& report) {
  if (const auto& lifetime = report.lifetime.value) {
    object["lifetime_at_least_s"] = lifetime->at_least.count();
    if (lifetime->less_than) object["lifetime_less_than_s"] = lifetime->less_than->count();
  } else {
    object["lifetime_why_not"] = to_string(report.lifetime.doubt);
  }
}

}  // namespace

std::optional<bool> reaches_directly(const NatReport& report, NatKind other) {
  if (report.outcome == NatOutcome::kUdpBlocked) return false;
  if (report.outcome != NatOutcome::kMeasured) return std::nullopt;
  const auto own_mapping =
      report.is_translated() ? report.mapping.value : NatBehavior::kEndpointIndependent;
  const Behavior theirs = behavior_of(other);
  std::optional<bool> answer;
  for (const NatBehavior mapping : possible(own_mapping)) {
    for (const NatBehavior filtering : possible(report.filtering.value)) {
      const bool direct =
          stun::reaches_directly(mapping, filtering, theirs.mapping, theirs.filtering);
      if (answer && *answer != direct) return std::nullopt;
      answer = direct;
    }
  }
  return answer;
}

bool is_complete(const NatReport& report) {
  const auto known = [](const auto& finding) {
    return finding.value || finding.doubt == stun::NatDoubt::kNoNat ||
           finding.doubt == stun::NatDoubt::kNotAsked;
  };
  return report.outcome == NatOutcome::kMeasured && known(report.mapping) &&
         known(report.filtering) && known(report.hairpinning) && known(report.ports) &&
         known(report.lifetime);
}

std::string nat_text(const NatReport& report, std::string_view server, const NatWords& words,
                     bool colour) {
  const NatKind kind = kind_of(report);
  const bool good = kind == NatKind::kOpen || kind == NatKind::kFullCone ||
                    kind == NatKind::kAddressRestricted || kind == NatKind::kPortRestricted;
  const bool blocked = kind == NatKind::kUdpBlocked;
  const std::string mark = good      ? coloured("●", kGreen, colour)
                           : blocked ? coloured("✕", kRed, colour)
                                     : coloured("◐", kYellow, colour);
  std::string text = fmt::format("{} {}\n", mark, words.kind[kind]);
  text += fmt::format("  {}\n\n", wrapped(words.sentence[kind], 2));
  const bool measured = report.outcome == NatOutcome::kMeasured;
  if (measured) text += picture(report, words, colour) + '\n';
  Lines lines{words.asked,         words.mapping_line, words.filtering_line,
              words.ports_line,    words.hairpin_line, words.lifetime_line,
              words.directly_line, words.relayed_line, words.advice_line};
  std::string asked = report.server.to_string();
  if (server != asked && server != report.server.ip.to_string())
    asked = fmt::format("{} ({})", server, asked);
  if (report.round_trip)
    asked += fmt::format(", {:.1f} ms", static_cast<double>(report.round_trip->count()) / 1000);
  lines.add(words.asked, asked);
  if (measured) add_measured(lines, report, words);
  add_row(lines, report, words);
  lines.add(words.advice_line, words.advice[kind]);
  return text + lines.take();
}

boost::json::object nat_json(const NatReport& report, std::string_view server,
                             const NatWords& words) {
  const NatKind kind = kind_of(report);
  boost::json::object object{{"type", "nat"},
                             {"outcome", to_string(report.outcome)},
                             {"kind", to_string(kind)},
                             {"name", words.kind[kind]},
                             {"asked", server}};
  if (report.outcome == NatOutcome::kNoSuchName) return object;
  object["server"] = report.server.to_string();
  boost::json::object direct;
  for (const NatKind other : kOtherSides)
    if (const auto reaches = reaches_directly(report, other)) direct[to_string(other)] = *reaches;
  object["direct"] = std::move(direct);
  if (report.outcome != NatOutcome::kMeasured) return object;
  if (report.other) object["other_address"] = report.other->to_string();
  if (report.round_trip)
    object["round_trip_ms"] = static_cast<double>(report.round_trip->count()) / 1000;
  object["local"] = report.local.to_string();
  object["mapped"] = report.mapped.to_string();
  object["translated"] = report.is_translated();
  object["mapping"] = finding_json(report.mapping);
  object["filtering"] = finding_json(report.filtering);
  object["hairpinning"] = finding_json(report.hairpinning);
  object["ports"] = finding_json(report.ports);
  if (report.ports.value == stun::NatPorts::kSequential) object["port_step"] = report.port_step;
  object["several_addresses"] = report.several_addresses;
  add_lifetime_json(object, report);
  return object;
}

}  // namespace beeline::cli
