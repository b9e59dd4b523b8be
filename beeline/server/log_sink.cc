#include "beeline/server/log_sink.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace beeline::server {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Values come from the network: nothing in them may start a new line or an escape sequence in a
// log.
std::string printable(std::string_view value) {
  std::string out;
  for (const char c : value)
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? fmt::format("\\x{:02x}", c)
                                                             : std::string(1, c);
  return out;
}

class SpdlogSink final : public LogSink {
 public:
  SpdlogSink(LogLevel level, bool json) : json_(json), logger_(spdlog::stderr_color_mt("beeline")) {
    SpdlogSink::set_level(level);
    logger_->set_pattern(json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %^%-7l%$ %v");
    logger_->flush_on(spdlog::level::info);
  }
  ~SpdlogSink() override { spdlog::drop("beeline"); }

  void set_level(LogLevel level) override { logger_->set_level(to_spdlog(level)); }
  bool enabled(LogLevel level) const override { return logger_->should_log(to_spdlog(level)); }

  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    if (!enabled(level)) return;
    logger_->log(to_spdlog(level), "{}",
                 json_ ? as_json(level, event, fields) : as_line(event, fields));
  }

 private:
  static std::string as_line(std::string_view event, std::span<const LogField> fields) {
    std::string line(event);
    for (const LogField& field : fields)
      line += fmt::format(" {}={}", field.key, printable(field.value));
    return line;
  }
  static std::string as_json(LogLevel level, std::string_view event,
                             std::span<const LogField> fields) {
    const auto name = spdlog::level::to_string_view(to_spdlog(level));
    boost::json::object object;
    object["level"] = boost::json::string_view(name.data(), name.size());
    object["event"] = boost::json::string_view(event.data(), event.size());
    object["time_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    for (const LogField& field : fields)
      object[boost::json::string_view(field.key.data(), field.key.size())] = field.value;
    return boost::json::serialize(object);
  }

  bool json_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace

std::unique_ptr<LogSink> make_log_sink(LogLevel level, bool json) {
  return std::make_unique<SpdlogSink>(level, json);
}

}  // namespace beeline::server
