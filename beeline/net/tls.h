// TLS for the server side as a transform between bytes: OpenSSL over memory, no sockets. The only
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

// One connection. Output is appended to what the caller gives.
class TlsSession {
 public:
  explicit TlsSession(std::shared_ptr<TlsServer> server);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class State { kOpen, kClosed, kFailed };
  // Takes bytes from the wire; appends what they mean to `plain` and what must be sent to `wire`.
  State receive(Bytes from_wire, std::string& plain, std::string& wire);
  // Encrypts; before the handshake is done nothing may be sent. False where the session has failed.
  bool send(Bytes plain, std::string& wire);
  void close(std::string& wire);

 private:
  struct Connection;
  void take_output(std::string& wire);
  std::shared_ptr<TlsServer> server_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace beeline::net
