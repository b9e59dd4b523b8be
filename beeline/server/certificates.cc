#include "beeline/server/certificates.h"

#include <fmt/format.h>

#include <algorithm>

namespace beeline::server {
namespace {

constexpr auto kAuthorityLifetime = std::chrono::days(3650);
constexpr auto kLifetime = std::chrono::days(397);  // what browsers accept at most
constexpr auto kRenewBefore = std::chrono::days(30);

template <typename T>
bool contains_all(const std::vector<T>& have, const std::vector<T>& wanted) {
  return std::ranges::all_of(
      wanted, [&](const T& name) { return std::ranges::find(have, name) != have.end(); });
}

std::expected<ServerIdentity, std::string> from_files(const Config& config) {
  const auto certificate = read_file(config.certificate);
  if (!certificate)
    return std::unexpected(
        fmt::format("the certificate {} cannot be read", config.certificate.string()));
  const auto key = read_file(config.private_key);
  if (!key)
    return std::unexpected(
        fmt::format("the private key {} cannot be read", config.private_key.string()));
  const auto summary = crypto::summarize(*certificate);
  if (!summary)
    return std::unexpected(fmt::format("{} holds no PEM certificate", config.certificate.string()));
  return ServerIdentity{{*certificate, *key}, *summary, {}};
}

std::expected<void, std::string> keep(const DataDirectory& directory, const std::string& name,
                                      const crypto::KeyPair& pair) {
  const auto kept = directory.write_needed(name + ".pem", pair.certificate_pem);
  return kept ? directory.write_needed(name + "-key.pem", pair.private_key_pem) : kept;
}

std::expected<crypto::KeyPair, std::string> load_authority(const DataDirectory& directory,
                                                           WallTime now) {
  const auto certificate = directory.read("authority.pem");
  const auto key = directory.read("authority-key.pem");
  if (certificate && key) {
    const auto summary = crypto::summarize(*certificate);
    if (summary && summary->expires > now + kLifetime) return crypto::KeyPair{*certificate, *key};
  }
  const crypto::KeyPair made =
      crypto::make_authority("Beeline local authority", now, kAuthorityLifetime);
  // One that is not kept would be another one at every start, and nobody could trust it.
  if (const auto kept = keep(directory, "authority", made); !kept)
    return std::unexpected(kept.error());
  return made;
}

}  // namespace

std::expected<ServerIdentity, std::string> load_identity(const Config& config,
                                                         const DataDirectory& directory,
                                                         const crypto::SubjectNames& names,
                                                         WallTime now) {
  if (!config.certificate.empty()) return from_files(config);
  const auto loaded = load_authority(directory, now);
  if (!loaded) return std::unexpected(loaded.error());
  const crypto::KeyPair& authority = *loaded;
  if (const auto certificate = directory.read("server.pem"), key = directory.read("server-key.pem");
      certificate && key) {
    const auto summary = crypto::summarize(*certificate);
    const bool ours = certificate->find(authority.certificate_pem) != std::string::npos;
    if (summary && ours && summary->expires > now + kRenewBefore &&
        contains_all(summary->names.dns_names, names.dns_names) &&
        contains_all(summary->names.addresses, names.addresses))
      return ServerIdentity{{*certificate, *key}, *summary, authority.certificate_pem};
  }
  auto made = crypto::make_server_certificate(authority, names, now, kLifetime);
  if (!made)
    return std::unexpected(
        "the server certificate could not be made from authority.pem; remove the authority files");
  made->certificate_pem +=
      authority.certificate_pem;  // the chain that is sent, and the mark that it is ours
  if (const auto kept = keep(directory, "server", *made); !kept)
    return std::unexpected(kept.error());
  return ServerIdentity{*made, *crypto::summarize(made->certificate_pem),
                        authority.certificate_pem};
}

}  // namespace beeline::server
