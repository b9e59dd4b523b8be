// Which language a command speaks: what its flag says, or else the environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beeline::cli {

enum class Language : std::uint8_t { kEnglish, kTraditionalChinese };

// Empty where it is not set.
std::string_view environment(const char* name);
// Of "zh_TW.UTF-8" and the like, as LANG has it.
Language language_of_locale(std::string_view locale);
// What LC_ALL, LC_MESSAGES and LANG say, in the order of POSIX.
Language language_of_environment();
// Of --lang: "en" or "zh-TW"; the environment's where `flag` is empty, none for another.
std::optional<Language> language_of_flag(const std::string& flag);

}  // namespace beeline::cli
