// For tests: a DTLS peer that is OpenSSL as anybody may use it, with none of our own rules, on the
// other end of a session.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "beeline/dtls/datagram_bio.h"
#include "beeline/dtls/test_pair.h"

namespace beeline::dtls {

class OpensslPeer {
 public:
  // `adjust` may change anything before the association is made. Shows client_identity() unless
  // `anonymous`.
  OpensslPeer(Role role, const std::function<void(SSL_CTX*)>& adjust = nullptr,
              bool anonymous = false)
      : context_(SSL_CTX_new(DTLS_method()), SSL_CTX_free) {
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    if (!anonymous) {
      const auto native = client_identity().native();
      SSL_CTX_use_certificate(context_.get(), native.certificate);
      SSL_CTX_use_PrivateKey(context_.get(), native.key);
    }
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_QUERY_MTU);
    if (adjust) adjust(context_.get());
    ssl_ = {SSL_new(context_.get()), SSL_free};
    pipe_.output = [this](Bytes datagram) { sent.push_back(copy(datagram)); };
    bio_st* bio = make_datagram_bio(pipe_);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_mtu(ssl_.get(), 1200);
    if (role == Role::kClient)
      SSL_set_connect_state(ssl_.get());
    else
      SSL_set_accept_state(ssl_.get());
  }

  SSL* ssl() { return ssl_.get(); }
  bool connected() const { return SSL_is_init_finished(ssl_.get()) == 1; }

  // Takes a datagram; what is decrypted goes to `received`.
  void give(const Datagram& datagram) {
    pipe_.input = datagram;
    std::array<char, 4096> room{};
    if (!connected()) SSL_do_handshake(ssl_.get());
    for (int size = 0; (size = SSL_read(ssl_.get(), room.data(), room.size())) > 0;)
      received.emplace_back(room.data(), static_cast<std::size_t>(size));
    pipe_.input = {};
  }
  void start() { SSL_do_handshake(ssl_.get()); }
  void repeat() {
    pipe_.expire();
    DTLSv1_handle_timeout(ssl_.get());
  }

  // Carries everything between this and a session until both are silent.
  void settle(Side& side, PacketPool& packets, Instant now) {
    for (bool more = true; more;) {
      beeline::drain(side.session, side, now);
      more = !side.sent.empty() || !sent.empty();
      for (const Datagram& one : std::exchange(side.sent, {})) give(one);
      for (const Datagram& one : std::exchange(sent, {}))
        side.session.handle_input(packets.make(one), now);
    }
  }

  std::vector<Datagram> sent;
  std::vector<std::string> received;

 private:
  DatagramPipe pipe_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
};

}  // namespace beeline::dtls
