// What a command of the binary is. The table of all commands is in main.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beeline::cli {

// Exit codes of every command.
enum ExitCode : int { kDone = 0, kFailed = 1, kMisuse = 2, kPartly = 3 };

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(const std::vector<std::string>& arguments);
};

int run_bridge(const std::vector<std::string>& arguments);
int run_chat(const std::vector<std::string>& arguments);
int run_doctor(const std::vector<std::string>& arguments);
int run_lab_peer(const std::vector<std::string>& arguments);
int run_nat(const std::vector<std::string>& arguments);
int run_ping(const std::vector<std::string>& arguments);
int run_pipe(const std::vector<std::string>& arguments);
int run_serve(const std::vector<std::string>& arguments);
int run_turn_credentials(const std::vector<std::string>& arguments);

}  // namespace beeline::cli
