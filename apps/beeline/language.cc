#include "apps/beeline/language.h"

#include <cstdlib>

namespace beeline::cli {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

Language language_of_locale(std::string_view locale) {
  for (const std::string_view traditional : {"zh_TW", "zh_HK", "zh_MO", "zh-TW", "zh_Hant"})
    if (locale.starts_with(traditional)) return Language::kTraditionalChinese;
  return Language::kEnglish;
}

Language language_of_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const auto locale = environment(name); !locale.empty()) return language_of_locale(locale);
  return Language::kEnglish;
}

std::optional<Language> language_of_flag(const std::string& flag) {
  if (flag.empty()) return language_of_environment();
  if (flag == "en") return Language::kEnglish;
  if (flag == "zh-TW") return Language::kTraditionalChinese;
  return std::nullopt;
}

}  // namespace beeline::cli
