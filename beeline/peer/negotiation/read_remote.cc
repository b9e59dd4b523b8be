// What a description of the other side means for the transport.
#include <algorithm>

#include "beeline/peer/candidate_text.h"
#include "beeline/peer/negotiation/negotiation.h"
#include "beeline/sdp/attribute/fingerprint.h"
#include "beeline/sdp/attribute/group.h"
#include "beeline/sdp/attribute/ice.h"
#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/attribute/sctp.h"

namespace beeline::peer {
namespace {

using Cause = NegotiationError::Cause;

std::unexpected<NegotiationError> error(Cause cause, std::string detail) {
  return std::unexpected(NegotiationError{cause, std::move(detail)});
}

std::optional<crypto::CertificateHash> hash_of(std::string_view name) {
  if (name == "sha-256") return crypto::CertificateHash::kSha256;
  if (name == "sha-384") return crypto::CertificateHash::kSha384;
  if (name == "sha-512") return crypto::CertificateHash::kSha512;
  return std::nullopt;
}

// Those that prove something; others may stand beside them (RFC 8122 §5).
std::vector<dtls::Fingerprint> fingerprints_of(const sdp::Session& session,
                                               const sdp::Media& media) {
  const sdp::Section& from =
      media.has(sdp::Fingerprint::kKey) ? static_cast<const sdp::Section&>(media) : session;
  std::vector<dtls::Fingerprint> fingerprints;
  for (sdp::Fingerprint& each : sdp::readable<sdp::Fingerprint>(from))
    if (const auto hash = hash_of(each.hash))
      fingerprints.push_back({*hash, std::move(each.bytes)});
  return fingerprints;
}

// The section that speaks for the whole bundle, where `media` belongs to one (RFC 9143 §7.2.1).
const sdp::Media& tagged_section(const sdp::Session& session, const sdp::Media& media) {
  const auto mid = sdp::first<sdp::Mid>(media);
  if (!mid) return media;
  for (const sdp::Group& group : sdp::readable<sdp::Group>(session)) {
    if (group.semantics != sdp::kBundle || !group.has(mid->value)) continue;
    for (const sdp::Media& each : session.media) {
      const auto name = sdp::first<sdp::Mid>(each);
      if (name && name->value == group.mids.front()) return each;
    }
    // It belongs to one bundle at most; and 500 groups must not have all sections looked at each.
    break;
  }
  return media;
}

void read_candidates(const sdp::Media& media, std::string_view ufrag, RemoteSection& remote) {
  const auto own = sdp::first<sdp::IceUfrag>(media);
  if (own && own->value != ufrag) return;
  for (const sdp::Candidate& each : sdp::readable<sdp::Candidate>(media))
    if (auto candidate = to_ice(each); candidate && candidate->component == 1)
      if (std::ranges::find(remote.candidates, *candidate) == remote.candidates.end())
        remote.candidates.push_back(std::move(*candidate));
  remote.candidates_complete |= media.has(sdp::kEndOfCandidates);
}

std::expected<ice::Parameters, NegotiationError> read_ice(const sdp::Session& session,
                                                          const sdp::Media& media) {
  const auto ufrag = sdp::effective<sdp::IceUfrag>(session, media);
  const auto password = sdp::effective<sdp::IcePwd>(session, media);
  if (!ufrag || !password) return error(Cause::kNoIce, "a=ice-ufrag or a=ice-pwd");
  ice::Parameters parameters{ufrag->value, password->value};
  parameters.lite = session.has(sdp::kIceLite);
  if (const auto options = sdp::effective<sdp::IceOptions>(session, media))
    parameters.renomination = options->has("renomination");
  return parameters;
}

}  // namespace

std::expected<RemoteSection, NegotiationError> read_remote(const sdp::Session& session) {
  const auto media = std::ranges::find_if(session.media, [](const sdp::Media& each) {
    return sdp::is_data_channel(each) && !each.is_rejected();
  });
  if (media == session.media.end()) return error(Cause::kNothing, "no section of data channels");
  RemoteSection remote;
  remote.index = static_cast<std::size_t>(media - session.media.begin());
  const auto mid = sdp::first<sdp::Mid>(*media);
  remote.mid = mid ? mid->value : std::to_string(remote.index);
  const sdp::Media& tagged = tagged_section(session, *media);
  auto ice = read_ice(session, *media);
  if (!ice) ice = read_ice(session, tagged);
  if (!ice) return std::unexpected(ice.error());
  remote.ice = std::move(*ice);
  remote.fingerprints = fingerprints_of(session, *media);
  if (remote.fingerprints.empty()) remote.fingerprints = fingerprints_of(session, tagged);
  if (remote.fingerprints.empty()) return error(Cause::kNoFingerprint, "a=fingerprint");
  if (const auto setup = sdp::effective<sdp::Setup>(session, *media)) remote.setup = setup->role;
  if (const auto port = sdp::sctp_port(*media)) remote.sctp_port = port->value;
  remote.max_message = sdp::max_message_size(*media).value_or(65536);
  if (auto init = sdp::first<sdp::SctpInit>(*media)) remote.sctp_init = std::move(init->chunk);
  read_candidates(*media, remote.ice.ufrag, remote);
  if (&tagged != &*media) read_candidates(tagged, remote.ice.ufrag, remote);
  return remote;
}

}  // namespace beeline::peer
