// Which OpenSSL this module may run on. Versions before the floor let anybody who can forge a
// source address end an association with one short record (CVE-2026-75806); record_filter.h stands
// before that, but one lock is not two.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace beeline::dtls {

struct OpensslBuild {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned patch = 0;
  std::chrono::sys_days built{};  // 1970 where it does not say
};

// What the library says of itself, as in OpenSSL_version(OPENSSL_BUILT_ON):
// "built on: Wed Oct 21 09:54:24 2026 UTC".
std::chrono::sys_days parse_built_on(std::string_view text);

enum class OpensslVerdict : std::uint8_t {
  kSafe,
  kTooOld,
  kUnknown,  // of a branch whose repaired versions nobody has looked up here
};

struct OpensslSafety {
  OpensslVerdict verdict = OpensslVerdict::kUnknown;
  std::string reason;  // a sentence, with what to do
};

// The floor is 3.0.22 as Debian repaired it (3.0.22-1~deb12u2). Its version number is that of the
// unrepaired one, so the day on which it was built decides.
OpensslSafety judge(const OpensslBuild& build);

// judge() of the library that is loaded. For hosts to ask at their start.
OpensslSafety openssl_is_safe();

}  // namespace beeline::dtls
