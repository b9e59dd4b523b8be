// TLS for both sides as a transform between bytes: OpenSSL over memory, no sockets. The only
// OpenSSL outside crypto/.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "beeline/base/bytes.h"
#include "beeline/crypto/certificate.h"

namespace beeline::net {

// Certificate, key and settings shared by all connections. TLS 1.2 and 1.3; ALPN "http/1.1" and
// "stun.turn" (RFC 7443), and a client that offers none is welcome.
class TlsServer {
 public:
  // `certificate_pem` may be a chain, leaf first. The error is a sentence for people.
  static std::expected<std::shared_ptr<TlsServer>, std::string> make(
      const crypto::KeyPair& identity);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

 private:
  friend class TlsSession;
  struct State;
  explicit TlsServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whom a client trusts, shared by all its connections. TLS 1.2 and 1.3.
class TlsClient {
 public:
  // `authority_pem`: trusted besides what the system trusts; may be empty.
  explicit TlsClient(const std::string& authority_pem);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

 private:
  friend class TlsSession;
  struct State;
  std::unique_ptr<State> state_;
};

// One connection. Output is appended to what the caller gives.
class TlsSession {
 public:
  explicit TlsSession(std::shared_ptr<TlsServer> server);
  // `name`: a DNS name or an IP address, which the server's certificate must be valid for.
  TlsSession(std::shared_ptr<TlsClient> client, const std::string& name);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // A client speaks first: appends its ClientHello.
  void start(std::string& wire);
  // True once the handshake is done; a client has verified the certificate by then.
  bool established() const;
  // Why a client refused the server's certificate, in OpenSSL's words; empty where it did not.
  std::string certificate_trouble() const;
  // What a server showed its client, also where it was refused; empty before it came.
  std::string peer_certificate_pem() const;

  enum class State { kOpen, kClosed, kFailed };
  // Takes bytes from the wire; appends what they mean to `plain` and what must be sent to `wire`.
  State receive(Bytes from_wire, std::string& plain, std::string& wire);
  // Encrypts; before the handshake is done nothing may be sent. False where the session has failed.
  bool send(Bytes plain, std::string& wire);
  void close(std::string& wire);

 private:
  struct Connection;
  void attach(void* context);
  void take_output(std::string& wire);
  std::shared_ptr<void> shared_;  // the server's or the client's settings
  std::unique_ptr<Connection> connection_;
};

}  // namespace beeline::net
