#include "beeline/server/metrics.h"

#include <fmt/format.h>

namespace beeline::server {

void MetricsText::counter(std::string_view name, std::string_view help, std::uint64_t value,
                          std::vector<Label> labels) {
  sample("counter", name, help, value, labels);
}

void MetricsText::gauge(std::string_view name, std::string_view help, std::uint64_t value,
                        std::vector<Label> labels) {
  sample("gauge", name, help, value, labels);
}

void MetricsText::sample(std::string_view type, std::string_view name, std::string_view help,
                         std::uint64_t value, const std::vector<Label>& labels) {
  if (name != last_name_) {
    text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    last_name_ = name;
  }
  text_ += name;
  for (std::size_t i = 0; i < labels.size(); ++i)
    text_ += fmt::format("{}{}=\"{}\"", i == 0 ? "{" : ",", labels[i].name, labels[i].value);
  text_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", value);
}

}  // namespace beeline::server
