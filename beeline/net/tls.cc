#include "beeline/net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <string_view>

namespace beeline::net {
namespace {

struct FreeSslCtx {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

std::string why() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*) {
  //= RFC 7443 §2
  static constexpr std::string_view kProtocols("\x08http/1.1\x09stun.turn", 19);
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(
      &chosen, out_size, reinterpret_cast<const unsigned char*>(kProtocols.data()),
      static_cast<unsigned>(kProtocols.size()), in, in_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

bool use_chain(SSL_CTX* context, const std::string& pem) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, FreeX509> leaf(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return false;
  while (X509* link = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    if (SSL_CTX_add0_chain_cert(context, link) != 1) return false;
  ERR_clear_error();  // the end of the text is reported as an error
  return true;
}

}  // namespace

struct TlsServer::State {
  std::unique_ptr<SSL_CTX, FreeSslCtx> context{SSL_CTX_new(TLS_server_method())};
};

TlsServer::TlsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsServer::~TlsServer() = default;

std::expected<std::shared_ptr<TlsServer>, std::string> TlsServer::make(
    const crypto::KeyPair& identity) {
  auto state = std::make_unique<State>();
  SSL_CTX* context = state->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (!use_chain(context, identity.certificate_pem))
    return std::unexpected("the certificate cannot be read: " + why());
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(
      identity.private_key_pem.data(), static_cast<int>(identity.private_key_pem.size())));
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return std::unexpected("the private key cannot be read: " + why());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return std::unexpected("the private key does not belong to the certificate: " + why());
  return std::shared_ptr<TlsServer>(new TlsServer(std::move(state)));
}

struct TlsSession::Connection {
  std::unique_ptr<SSL, FreeSession> ssl;
  BIO* in = nullptr;  // both owned by ssl
  BIO* out = nullptr;
  std::string peer_certificate_pem;
};

namespace {

std::string to_pem(X509* certificate) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// OpenSSL forgets a certificate that it refuses; people want to read it all the same.
int keep_and_verify(X509_STORE_CTX* chain, void*) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* pem = static_cast<std::string*>(SSL_get_ex_data(ssl, 0));
  *pem = to_pem(X509_STORE_CTX_get0_cert(chain));
  return X509_verify_cert(chain);
}

}  // namespace

struct TlsClient::State {
  std::unique_ptr<SSL_CTX, FreeSslCtx> context{SSL_CTX_new(TLS_client_method())};
};

TlsClient::TlsClient(const std::string& authority_pem) : state_(std::make_unique<State>()) {
  SSL_CTX* context = state_->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_default_verify_paths(context);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, keep_and_verify, nullptr);
  // Whatever is given is an anchor, be it an authority or the server's certificate itself.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(authority_pem.data(), static_cast<int>(authority_pem.size())));
  const std::unique_ptr<X509, FreeX509> authority(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (authority) X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
  ERR_clear_error();
}
TlsClient::~TlsClient() = default;

TlsSession::TlsSession(std::shared_ptr<TlsServer> server)
    : shared_(server), connection_(std::make_unique<Connection>()) {
  attach(server->state_->context.get());
  SSL_set_accept_state(connection_->ssl.get());
}

TlsSession::TlsSession(std::shared_ptr<TlsClient> client, const std::string& name)
    : shared_(client), connection_(std::make_unique<Connection>()) {
  attach(client->state_->context.get());
  SSL* ssl = connection_->ssl.get();
  SSL_set_connect_state(ssl);
  SSL_set_ex_data(ssl, 0, &connection_->peer_certificate_pem);
  if (IpAddress::parse(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set1_host(ssl, name.c_str());
    // SSL_set_tlsext_host_name() is a macro with a cast that we refuse.
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  }
}

void TlsSession::attach(void* context) {
  connection_->ssl.reset(SSL_new(static_cast<SSL_CTX*>(context)));
  ensure(connection_->ssl != nullptr, "TLS session");
  connection_->in = BIO_new(BIO_s_mem());
  connection_->out = BIO_new(BIO_s_mem());
  SSL_set_bio(connection_->ssl.get(), connection_->in, connection_->out);
}

TlsSession::~TlsSession() = default;

void TlsSession::start(std::string& wire) {
  SSL_do_handshake(connection_->ssl.get());
  ERR_clear_error();
  take_output(wire);
}

bool TlsSession::established() const {
  return SSL_is_init_finished(connection_->ssl.get()) == 1;
}

std::string TlsSession::certificate_trouble() const {
  const long result = SSL_get_verify_result(connection_->ssl.get());
  return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

std::string TlsSession::peer_certificate_pem() const {
  return connection_->peer_certificate_pem;
}

void TlsSession::take_output(std::string& wire) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(connection_->out, &data);
  if (size > 0) wire.append(data, static_cast<std::size_t>(size));
  BIO_reset(connection_->out);
}

TlsSession::State TlsSession::receive(Bytes from_wire, std::string& plain, std::string& wire) {
  ERR_clear_error();
  BIO_write(connection_->in, from_wire.data(), static_cast<int>(from_wire.size()));
  std::array<char, 16384>
      record;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by SSL_read
  for (;;) {
    const int count =
        SSL_read(connection_->ssl.get(), record.data(), static_cast<int>(record.size()));
    if (count > 0) {
      plain.append(record.data(), static_cast<std::size_t>(count));
      continue;
    }
    take_output(wire);
    switch (SSL_get_error(connection_->ssl.get(), count)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return State::kOpen;
      case SSL_ERROR_ZERO_RETURN:
        return State::kClosed;
      default:
        return State::kFailed;
    }
  }
}

bool TlsSession::send(Bytes plain, std::string& wire) {
  ERR_clear_error();
  while (!plain.empty()) {
    const int count =
        SSL_write(connection_->ssl.get(), plain.data(), static_cast<int>(plain.size()));
    if (count <= 0) return false;
    plain = plain.subspan(static_cast<std::size_t>(count));
    take_output(wire);
  }
  return true;
}

void TlsSession::close(std::string& wire) {
  if (SSL_is_init_finished(connection_->ssl.get()) == 1) SSL_shutdown(connection_->ssl.get());
  ERR_clear_error();
  take_output(wire);
}

}  // namespace beeline::net
