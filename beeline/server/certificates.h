// Which certificate the server shows: the owner's files, or one made here by an authority of its
// own that people can choose to trust.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "beeline/crypto/certificate.h"
#include "beeline/server/config.h"
#include "beeline/server/data_directory.h"

namespace beeline::server {

struct ServerIdentity {
  crypto::KeyPair key_pair;
  crypto::CertificateSummary summary;
  // The authority's certificate where it is our own; empty where the owner's files are used.
  std::string authority_pem;
};

// The owner's files, or the generated pair in `directory`: made anew where it is missing, expires
// within 30 days, or lacks one of `names`. The authority lives ten years and stays, so trusting it
// once is enough. The error is a sentence for people.
std::expected<ServerIdentity, std::string> load_identity(const Config& config,
                                                         const DataDirectory& directory,
                                                         const crypto::SubjectNames& names,
                                                         WallTime now);

}  // namespace beeline::server
