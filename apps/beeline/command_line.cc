#include "apps/beeline/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace beeline::cli {

struct CommandLine::Parser {
  CLI::App app;
  explicit Parser(const std::string& description) : app(description) {}

  template <typename T>
  void option(const std::string& names, T& target, const std::string& value_name,
              const std::string& help) {
    app.add_option(names, target, help)->type_name(value_name);
  }
};

CommandLine::CommandLine(const std::string& command, const std::string& description)
    : parser_(std::make_unique<Parser>(description)) {
  parser_->app.name("beeline " + command);
  parser_->app.set_help_flag("-h,--help", "Show this");
  parser_->app.get_formatter()->column_width(34);
}

CommandLine::~CommandLine() = default;

void CommandLine::flag(const std::string& names, bool& target, const std::string& help) {
  parser_->app.add_flag(names, target, help);
}

void CommandLine::option(const std::string& names, std::string& target,
                         const std::string& value_name, const std::string& help) {
  parser_->option(names, target, value_name, help);
}

void CommandLine::option(const std::string& names, std::uint16_t& target,
                         const std::string& value_name, const std::string& help) {
  parser_->option(names, target, value_name, help);
}

void CommandLine::option(const std::string& names, int& target, const std::string& value_name,
                         const std::string& help) {
  parser_->option(names, target, value_name, help);
}

void CommandLine::option(const std::string& names, std::vector<std::string>& target,
                         const std::string& value_name, const std::string& help) {
  parser_->app.add_option(names, target, help)->type_name(value_name)->delimiter(',');
}

void CommandLine::argument(const std::string& name, std::string& target, const std::string& help) {
  parser_->app.add_option(name, target, help)->type_name("");
}

void CommandLine::allow_config_file() {
  parser_->app
      .set_config("--config", "",
                  "Read settings from this TOML file; the keys are the names of these flags")
      ->type_name("FILE");
  parser_->app.allow_config_extras(false);
}

void CommandLine::footer(const std::string& text) {
  parser_->app.footer(text);
}

CommandLine::Result CommandLine::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    parser_->app.parse(reversed);
    return Result::kRun;
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", parser_->app.help());
    return Result::kDone;
  } catch (const CLI::Error& error) {
    fmt::print(stderr, "{}: {}\ntry: {} --help\n", parser_->app.get_name(), error.what(),
               parser_->app.get_name());
    return Result::kMisuse;
  }
}

}  // namespace beeline::cli
