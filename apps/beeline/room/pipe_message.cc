#include "apps/beeline/room/pipe_message.h"

#include <boost/json.hpp>

namespace beeline::cli {
namespace {

namespace json = boost::json;

std::optional<json::object> object_of(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::string written(std::string_view kind, std::uint64_t bytes) {
  return json::serialize(json::object{{"kind", kind}, {"bytes", bytes}});
}

}  // namespace

std::optional<PipeMessage> parse_pipe(std::string_view text) {
  const auto object = object_of(text);
  const json::value* kind = object ? object->if_contains("kind") : nullptr;
  if (kind == nullptr || !kind->is_string()) return std::nullopt;
  if (kind->get_string() == "stop") return PipeStop{};
  const json::value* bytes = object->if_contains("bytes");
  if (bytes == nullptr || !bytes->is_int64() || bytes->get_int64() < 0) return std::nullopt;
  const auto count = static_cast<std::uint64_t>(bytes->get_int64());
  if (kind->get_string() == "end") return PipeEnd{count};
  if (kind->get_string() == "kept") return PipeKept{count};
  return std::nullopt;
}

std::string write_pipe(const PipeEnd& end) {
  return written("end", end.bytes);
}
std::string write_pipe(const PipeKept& kept) {
  return written("kept", kept.bytes);
}
std::string write_pipe(const PipeStop&) {
  return json::serialize(json::object{{"kind", "stop"}});
}

bool is_pipe_end(std::string_view presence) {
  const auto object = object_of(presence);
  const json::value* pipe = object ? object->if_contains("pipe") : nullptr;
  return pipe != nullptr && pipe->is_bool() && pipe->get_bool();
}

}  // namespace beeline::cli
