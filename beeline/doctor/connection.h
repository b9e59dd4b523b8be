// A connection of the doctor's own: UDP, TCP or TLS to one address. Everything blocks, and nothing
// for longer than it was told.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "beeline/base/address.h"
#include "beeline/net/socket_address.h"
#include "beeline/net/tls.h"

namespace beeline::doctor {

enum class Carrier { kUdp, kTcp, kTls };
std::string_view name_of(Carrier carrier);  // "UDP"

class Connection {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // `name`: what the certificate must be valid for; `trust` is needed for TLS only. The error is a
  // sentence for people.
  struct Failure {
    std::string text;
    bool nothing_listens = false;
    std::string refused_certificate_pem;  // empty where the certificate is not the trouble
  };
  static std::expected<std::unique_ptr<Connection>, Failure> open(
      Carrier carrier, const TransportAddress& to, const std::string& name,
      const std::shared_ptr<net::TlsClient>& trust, Milliseconds wait);

  bool send(Bytes bytes);
  // One datagram, or what has come of the stream; empty where nothing came in time or it is over.
  std::string receive(Milliseconds wait);

  Carrier carrier() const { return carrier_; }
  TransportAddress local() const;
  std::string certificate_pem() const { return tls_ ? tls_->peer_certificate_pem() : ""; }

 private:
  Connection(Carrier carrier, net::FileDescriptor socket)
      : carrier_(carrier), socket_(std::move(socket)) {}
  std::expected<void, Failure> shake_hands(Milliseconds wait);
  bool write_all(std::string_view bytes);
  // Raw bytes from the socket; empty as in receive().
  std::string read_some(Milliseconds wait);

  Carrier carrier_;
  net::FileDescriptor socket_;
  std::unique_ptr<net::TlsSession> tls_;
  std::string plain_;  // decrypted while the handshake was still going on
};

}  // namespace beeline::doctor
