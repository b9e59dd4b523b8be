// What two ends of a pipe say beside the bytes (docs/protocol/signaling.md, section 9). JSON stays
// in pipe_message.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "beeline/sctp/numbers.h"

namespace beeline::cli {

inline constexpr sctp::StreamId kPipeChannel{2};
inline constexpr std::string_view kPipePresence = R"({"pipe":true})";

// That was all: so many bytes.
struct PipeEnd {
  std::uint64_t bytes = 0;
};
// So many bytes, from the first on, have been written out.
struct PipeKept {
  std::uint64_t bytes = 0;
};
// Nobody reads here any more.
struct PipeStop {};
using PipeMessage = std::variant<PipeEnd, PipeKept, PipeStop>;

std::optional<PipeMessage> parse_pipe(std::string_view json);
std::string write_pipe(const PipeEnd& end);
std::string write_pipe(const PipeKept& kept);
std::string write_pipe(const PipeStop& stop);

// Whether a member is an end of the room's pipe.
bool is_pipe_end(std::string_view presence_json);

}  // namespace beeline::cli
