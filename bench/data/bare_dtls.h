// OpenSSL's DTLS 1.2 over two connected UDP sockets on loopback, with nothing of ours: what
// everything above it is measured against.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace beeline::bench {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using DtlsSide = std::unique_ptr<SSL_CTX, FreeSsl>;

// With a new ECDSA P-256 key and a certificate over it, and the one cipher suite that is compared.
// Shows its certificate and wants one, of which nothing is checked but the signature.
DtlsSide make_side();

// Two UDP sockets on 127.0.0.1, each connected to the other; closed with it.
class SocketPair {
 public:
  SocketPair();
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  ~SocketPair();
  int operator[](std::size_t end) const { return sockets_[end]; }

 private:
  int sockets_[2];
};

// One end. What it writes waits until send(), what it reads is what was received before.
class BareDtls {
 public:
  static constexpr std::size_t kDatagram = 1200;
  // What a record of AES-GCM leaves of it.
  static constexpr std::size_t kContent = kDatagram - 13 - 8 - 16;
  static constexpr std::size_t kMostAtOnce = 54;  // datagrams: below 64 KiB

  // `socket` is borrowed. `runs`: datagrams of one size go to and come from the kernel as one
  // (UDP_SEGMENT, UDP_GRO).
  BareDtls(SSL_CTX* side, bool client, int socket, bool runs);
  BareDtls(const BareDtls&) = delete;
  BareDtls& operator=(const BareDtls&) = delete;

  // Goes on with the handshake as far as it can; whether it is done.
  bool handshake();
  // kDatagram bytes with it around; goes out with send().
  void write(std::span<const std::uint8_t, kContent> content);
  void send();
  // Waits for a datagram, or a run of some. False after a second without.
  bool receive(bool wait);
  // Of what was received: bytes of the next record, 0: no more.
  std::size_t read(std::span<std::uint8_t> into);

 private:
  friend struct Datagrams;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  int socket_;
  bool runs_;
  std::vector<std::uint8_t> out_;
  std::vector<std::size_t> sizes_;  // of the datagrams in `out_`
  std::vector<std::uint8_t> in_;
  std::size_t in_size_ = 0, in_read_ = 0, segment_ = 0;
};

}  // namespace beeline::bench
