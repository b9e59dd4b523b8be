#include "beeline/dtls/engine.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

#include "beeline/dtls/datagram_bio.h"

namespace beeline::dtls {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

//= RFC 8827 §6.5
// Forward secrecy and authenticated encryption, nothing else.
constexpr const char* kCipherSuites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
// P-256 has to be there for certificates on it to be usable at all.
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr const char* kSignatures =
    "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA384:RSA+SHA384:"
    "ECDSA+SHA512:RSA-PSS+SHA512:RSA+SHA512";
constexpr long kMaxCertificates = 65536;  // bytes of a Certificate message
constexpr long kMaxContent = 2048;        // bytes of a record, as of a Packet; smaller buffers
constexpr unsigned kNeverMicroseconds = 3'600'000'000;

using Verify = int (*)(X509_STORE_CTX*, void*);

SSL_CTX* make_settings_of_all(Verify verify) {
  SSL_CTX* context = SSL_CTX_new(DTLS_method());
  ensure(context != nullptr, "DTLS available");
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ensure(SSL_CTX_set_cipher_list(context, kCipherSuites) == 1, "cipher suites");
  ensure(SSL_CTX_set1_groups_list(context, kGroups) == 1, "groups");
  ensure(SSL_CTX_set1_sigalgs_list(context, kSignatures) == 1, "signature algorithms");
  SSL_CTX_set_max_cert_list(context, kMaxCertificates);
  SSL_CTX_set_max_send_fragment(context, kMaxContent);
  //= RFC 5763 §5
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, verify, nullptr);
  return context;
}

// What all associations have in common, parsed once.
SSL_CTX* settings_of_all(Verify verify) {
  static SSL_CTX* const kContext = make_settings_of_all(verify);
  return kContext;
}

constexpr std::array<std::pair<SrtpProfile, const char*>, 4> kSrtpProfiles{{
    {SrtpProfile::kAes128CmHmacSha1_80, "SRTP_AES128_CM_SHA1_80"},
    {SrtpProfile::kAes128CmHmacSha1_32, "SRTP_AES128_CM_SHA1_32"},
    {SrtpProfile::kAeadAes128Gcm, "SRTP_AEAD_AES_128_GCM"},
    {SrtpProfile::kAeadAes256Gcm, "SRTP_AEAD_AES_256_GCM"},
}};

std::string profile_list(const std::vector<SrtpProfile>& profiles) {
  std::string list;
  for (const SrtpProfile wanted : profiles)
    for (const auto& [profile, name] : kSrtpProfiles)
      if (profile == wanted) list += (list.empty() ? "" : ":") + std::string(name);
  return list;
}

}  // namespace

struct Engine::Openssl {
  Openssl(EngineOwner& its_owner, crypto::Identity its_identity)
      : owner(its_owner), identity(std::move(its_identity)) {}

  EngineOwner& owner;
  crypto::Identity identity;  // outlives the pointers into it
  DatagramPipe pipe;
  std::unique_ptr<SSL, FreeSsl> ssl;
  std::optional<std::uint8_t> alert_sent;
  std::optional<std::uint8_t> alert_received;
  bool certificate_missing = false;

  static Openssl& of(const SSL* object) { return *static_cast<Openssl*>(SSL_get_app_data(object)); }

  // In place of a chain that leads to an authority: signaling says which certificate it has to be.
  static int verify(X509_STORE_CTX* store, void*) {
    const auto* object = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    unsigned char* der = nullptr;
    const int size = i2d_X509(X509_STORE_CTX_get0_cert(store), &der);
    const bool passes =
        size > 0 && of(object).owner.certificate_may_pass({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    X509_STORE_CTX_set_error(store, passes ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return passes ? 1 : 0;
  }

  static void note_alert(const SSL* object, int where, int value) {
    if ((where & SSL_CB_ALERT) == 0 || value >> 8 != SSL3_AL_FATAL) return;
    Openssl& self = of(object);
    auto& alert = (where & SSL_CB_WRITE) != 0 ? self.alert_sent : self.alert_received;
    alert = static_cast<std::uint8_t>(value);
  }

  void note_failure() {
    const unsigned long error = ERR_peek_last_error();
    certificate_missing = ERR_GET_LIB(error) == ERR_LIB_SSL &&
                          ERR_GET_REASON(error) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
    ERR_clear_error();
  }
};

void Engine::prepare() {
  settings_of_all(Openssl::verify);
}

Engine::Engine(const EngineSettings& settings, EngineOwner& owner)
    : openssl_(std::make_unique<Openssl>(owner, settings.identity)) {
  Openssl& self = *openssl_;
  self.pipe.mtu = settings.mtu;
  self.pipe.output = [&owner](Bytes datagram) { owner.datagram_made(datagram); };
  self.ssl.reset(SSL_new(settings_of_all(Openssl::verify)));
  SSL* ssl = self.ssl.get();
  ensure(ssl != nullptr, "DTLS association");
  SSL_set_app_data(ssl, &self);
  SSL_set_info_callback(ssl, Openssl::note_alert);
  BIO* bio = make_datagram_bio(self.pipe);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_mtu(ssl, static_cast<long>(settings.mtu));
  DTLS_set_timer_cb(ssl, [](SSL*, unsigned) { return kNeverMicroseconds; });
  const crypto::Identity::Native native = settings.identity.native();
  ensure(
      SSL_use_certificate(ssl, native.certificate) == 1 && SSL_use_PrivateKey(ssl, native.key) == 1,
      "an identity that fits together");
  //= RFC 5764 §4.1
  const std::string profiles = profile_list(settings.srtp_profiles);
  // This one returns 0 for success.
  if (!profiles.empty())
    ensure(SSL_set_tlsext_use_srtp(ssl, profiles.c_str()) == 0, "SRTP profiles");
  if (settings.role == Role::kClient)
    SSL_set_connect_state(ssl);
  else
    SSL_set_accept_state(ssl);
}

Engine::~Engine() = default;

void Engine::give(Bytes datagram) {
  openssl_->pipe.input = datagram;
}

Engine::Progress Engine::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(openssl_->ssl.get());
  if (result == 1) return Progress::kDone;
  if (SSL_get_error(openssl_->ssl.get(), result) == SSL_ERROR_WANT_READ) return Progress::kWaiting;
  openssl_->note_failure();
  return Progress::kFailed;
}

Engine::Read Engine::read(MutableBytes room, std::size_t& size) {
  ERR_clear_error();
  SSL* ssl = openssl_->ssl.get();
  const int result = SSL_read_ex(ssl, room.data(), room.size(), &size);
  if (result == 1) return Read::kRecord;
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return Read::kNothing;
    case SSL_ERROR_ZERO_RETURN:
      return Read::kClosed;
    default:
      openssl_->note_failure();
      return Read::kFailed;
  }
}

bool Engine::has_more() const {
  return !openssl_->pipe.input.empty() || SSL_has_pending(openssl_->ssl.get()) == 1;
}

bool Engine::write(Bytes content) {
  ERR_clear_error();
  std::size_t written = 0;
  return SSL_write_ex(openssl_->ssl.get(), content.data(), content.size(), &written) == 1;
}

void Engine::close() {
  ERR_clear_error();
  SSL_shutdown(openssl_->ssl.get());
  ERR_clear_error();
}

void Engine::retransmit() {
  ERR_clear_error();
  openssl_->pipe.expire();
  DTLSv1_handle_timeout(openssl_->ssl.get());
  ERR_clear_error();
}

int Engine::position() const {
  return SSL_get_state(openssl_->ssl.get());
}

std::optional<std::size_t> Engine::protection() const {
  const SSL* ssl = openssl_->ssl.get();
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  if (cipher == nullptr) cipher = SSL_get_pending_cipher(ssl);
  if (cipher == nullptr) return std::nullopt;
  constexpr std::size_t kExplicitNonce = 8;
  constexpr std::size_t kTag = 16;
  return SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305 ? kTag : kExplicitNonce + kTag;
}

std::vector<std::uint8_t> Engine::certificate() const {
  unsigned char* der = nullptr;
  const int size = i2d_X509(SSL_get0_peer_certificate(openssl_->ssl.get()), &der);
  std::vector<std::uint8_t> copy;
  if (size > 0) copy.assign(der, der + size);
  OPENSSL_free(der);
  return copy;
}

std::string_view Engine::cipher() const {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(openssl_->ssl.get());
  return cipher == nullptr ? std::string_view() : SSL_CIPHER_standard_name(cipher);
}

std::optional<SrtpProfile> Engine::srtp_profile() const {
  const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(openssl_->ssl.get());
  if (chosen == nullptr) return std::nullopt;
  return static_cast<SrtpProfile>(chosen->id);
}

std::optional<std::uint8_t> Engine::alert_sent() const {
  return openssl_->alert_sent;
}
std::optional<std::uint8_t> Engine::alert_received() const {
  return openssl_->alert_received;
}
bool Engine::certificate_missing() const {
  return openssl_->certificate_missing;
}

bool Engine::export_keying_material(std::string_view label, MutableBytes out) const {
  return SSL_export_keying_material(openssl_->ssl.get(), out.data(), out.size(), label.data(),
                                    label.size(), nullptr, 0, 0) == 1;
}

}  // namespace beeline::dtls
