// Prometheus text exposition (version 0.0.4) for a handful of counters and gauges. Labels come from
// enums in our own code, never from the network, so their number is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beeline::server {

class MetricsText {
 public:
  struct Label {
    std::string_view name;
    std::string value;
  };

  // Writes HELP and TYPE when `name` differs from the one before; call for all samples of a metric
  // in a row.
  void counter(std::string_view name, std::string_view help, std::uint64_t value,
               std::vector<Label> labels = {});
  void gauge(std::string_view name, std::string_view help, std::uint64_t value,
             std::vector<Label> labels = {});

  const std::string& text() const { return text_; }

 private:
  void sample(std::string_view type, std::string_view name, std::string_view help,
              std::uint64_t value, const std::vector<Label>& labels);
  std::string text_;
  std::string last_name_;
};

}  // namespace beeline::server
