// One DTLS 1.2 association as OpenSSL computes it: handshake messages, records, keys. Bytes in,
// bytes out; when to retransmit, what may enter and what a certificate is worth is decided by
// session.h. The only file of the module, with datagram_bio, that OpenSSL is behind.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/crypto/identity.h"
#include "beeline/dtls/record.h"
#include "beeline/dtls/srtp_profile.h"

namespace beeline::dtls {

struct EngineSettings {
  Role role = Role::kClient;
  crypto::Identity identity;
  std::size_t mtu = 1200;                  // bytes of a datagram
  std::vector<SrtpProfile> srtp_profiles;  // empty: use_srtp is neither offered nor accepted
};

// Whom an engine calls while it is being called.
class EngineOwner {
 public:
  // A datagram to send, borrowed.
  virtual void datagram_made(Bytes datagram) = 0;
  // Whether the handshake may go on with the certificate (DER, borrowed) of the other side.
  virtual bool certificate_may_pass(Bytes der) = 0;

 protected:
  ~EngineOwner() = default;
};

class Engine {
 public:
  enum class Progress : std::uint8_t { kWaiting, kDone, kFailed };
  enum class Read : std::uint8_t { kRecord, kNothing, kClosed, kFailed };

  // Makes what all engines of a process share, which the first one does otherwise.
  static void prepare();

  // `owner` is borrowed. Nothing is sent before handshake().
  Engine(const EngineSettings& settings, EngineOwner& owner);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // The datagram that the next handshake() or read() looks at; borrowed until that returns.
  void give(Bytes datagram);
  // Goes on with the handshake as far as it gets. A client begins it with the first call.
  Progress handshake();
  // Takes the next decrypted record of the datagram given; `size` of its bytes are in `room`.
  Read read(MutableBytes room, std::size_t& size);
  // Whether read() could find more in that datagram.
  bool has_more() const;
  // Makes one record, in one datagram. False after a failure.
  bool write(Bytes content);
  // Makes a close_notify.
  void close();
  // Makes the last flight again with new numbers for its protected records, and does nothing where
  // OpenSSL has forgotten it. kMaxRetransmissions times for each flight; once more and the
  // association is lost.
  static constexpr int kMaxRetransmissions = 11;
  void retransmit();

  // Changes whenever the handshake has moved on.
  int position() const;
  // Bytes a protected record has beyond its content, header apart; none before it is agreed on.
  std::optional<std::size_t> protection() const;
  // What the other side has shown, DER; empty before.
  std::vector<std::uint8_t> certificate() const;
  std::string_view cipher() const;  // the name of RFC 5289 or RFC 7905; empty before
  std::optional<SrtpProfile> srtp_profile() const;
  // RFC 5246 §7.2: the description of the last fatal alert, of either side.
  std::optional<std::uint8_t> alert_sent() const;
  std::optional<std::uint8_t> alert_received() const;
  // Whether the handshake failed because the other side showed no certificate.
  bool certificate_missing() const;
  // RFC 5705, without context. After the handshake; false where it cannot be had.
  bool export_keying_material(std::string_view label, MutableBytes out) const;

 private:
  struct Openssl;
  std::unique_ptr<Openssl> openssl_;
};

}  // namespace beeline::dtls
