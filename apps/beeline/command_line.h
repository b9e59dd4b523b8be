// Flags and configuration files, behind one small class: CLI11 stays in command_line.cc, where its
// compile time is paid once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beeline::cli {

// Describes one command's flags, then parses. A flag's long name is also its key in the
// configuration file.
class CommandLine {
 public:
  CommandLine(const std::string& command, const std::string& description);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `target` holds the default and receives the value; it must outlive parse().
  void flag(const std::string& names, bool& target, const std::string& help);
  void option(const std::string& names, std::string& target, const std::string& value_name,
              const std::string& help);
  void option(const std::string& names, std::uint16_t& target, const std::string& value_name,
              const std::string& help);
  void option(const std::string& names, int& target, const std::string& value_name,
              const std::string& help);
  void option(const std::string& names, std::vector<std::string>& target,
              const std::string& value_name, const std::string& help);
  // A word without a dash; may be absent.
  void argument(const std::string& name, std::string& target, const std::string& help);
  // Adds --config FILE (TOML, the flags' names as keys; unknown keys are errors).
  void allow_config_file();
  // Text after the list of flags.
  void footer(const std::string& text);

  enum class Result { kRun, kDone, kMisuse };
  // Prints help (kDone) or what was wrong and what to try (kMisuse) itself.
  Result parse(const std::vector<std::string>& arguments);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace beeline::cli
