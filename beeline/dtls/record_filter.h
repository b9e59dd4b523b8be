// What stands before OpenSSL: every record of a datagram is looked at and dropped, with its cause
// counted, where it can do nothing but harm (RFC 6347 §4.1.2.7: invalid records are discarded
// silently). Headers only; what is authentic is decided by who has the keys.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/dtls/flight.h"
#include "beeline/dtls/record.h"

namespace beeline::dtls {

// Records that were dropped, by cause. A datagram that breaks off counts once.
struct DroppedRecords {
  std::uint64_t malformed = 0;          // no whole record, or its plaintext makes no sense
  std::uint64_t unknown_type = 0;       // RFC 6347 §4.1.2.7
  std::uint64_t wrong_version = 0;      // neither DTLS 1.2 nor what a ClientHello may say
  std::uint64_t wrong_epoch = 0;        // nobody renegotiates: there are epochs 0 and 1
  std::uint64_t too_short = 0;          // for nonce, tag and the least there can be inside
  std::uint64_t early_application = 0;  // application data before it may be read
  std::uint64_t plaintext_application = 0;
  std::uint64_t plaintext_alert = 0;       // anybody can have sent it
  std::uint64_t stale_plaintext = 0;       // after the handshake
  std::uint64_t unexpected_handshake = 0;  // not to this role, or after the handshake
  std::uint64_t bad_fragment = 0;          // outside of its message, or empty in one that is not
  std::uint64_t too_large_message = 0;
  std::uint64_t too_many_fragments = 0;
  std::uint64_t too_many_waiting = 0;  // protected records before there are keys

  std::uint64_t total() const;
};

// RFC 5246 §7.2, unprotected.
struct PlaintextAlert {
  bool fatal = false;
  std::uint8_t description = 0;
};

class RecordFilter {
 public:
  static constexpr std::size_t kMaxMessage = 65536;  // bytes of one handshake message
  static constexpr std::size_t kMaxFragments = 16;   // different ones of one message
  static constexpr std::uint16_t kMaxMessages = 16;  // of one side of a handshake; it has 7 at most
  static constexpr std::size_t kMaxWaiting = 8;      // OpenSSL keeps 18 KB for each

  explicit RecordFilter(Role role) : role_(role) {}

  // Moves the records that may pass to the front, in place, and returns how many bytes they are.
  // Those in the clear get new sequence numbers: one forged record with a high number would
  // otherwise make replays of all that follow.
  std::size_t filter(MutableBytes datagram);

  // Bytes a protected record has beyond its content: 24 for AES-GCM, which is assumed, 16 for
  // ChaCha20-Poly1305 (RFC 7905 §2).
  void set_protection(std::size_t overhead) { overhead_ = overhead; }
  // From now on plaintext has nothing to say, and nothing of a handshake passes.
  void handshake_done();
  void open_for_application() { open_ = true; }
  // The handshake begins again from nothing; what was counted stays.
  void restart_handshake();
  // Lets kMaxWaiting more protected records through before the handshake is done.
  void allow_waiting() { waiting_ = 0; }

  // The last alert in the clear since the last call: a hint, no proof.
  std::optional<PlaintextAlert> take_alert();
  // Whether a protected handshake record was stopped since the last call. To a server it says that
  // the client may have missed the end of the handshake.
  bool take_stopped_handshake();

  const DroppedRecords& dropped() const { return dropped_; }
  // Records of application data that passed. Those that do not come out decrypted were forged or
  // replayed.
  std::uint64_t passed_application() const { return passed_application_; }

 private:
  struct Seen {
    std::uint16_t message_sequence;
    std::uint32_t offset;
    std::size_t size;
    bool operator==(const Seen&) const = default;
  };

  std::uint64_t DroppedRecords::* judge(const Record& record);
  std::uint64_t DroppedRecords::* judge_plaintext(const Record& record);
  std::uint64_t DroppedRecords::* judge_protected(const Record& record);
  std::uint64_t DroppedRecords::* judge_messages(Bytes messages);
  std::uint64_t DroppedRecords::* judge_fragment(const HandshakeFragment& fragment);
  bool is_for_us(HandshakeType type) const;

  Role role_;
  std::size_t overhead_ = 24;
  bool done_ = false;
  bool open_ = false;
  bool stopped_handshake_ = false;
  std::size_t waiting_ = 0;
  PlaintextNumbers numbers_;
  std::vector<Seen> seen_;  // fragments of this handshake
  std::optional<PlaintextAlert> alert_;
  DroppedRecords dropped_;
  std::uint64_t passed_application_ = 0;
};

}  // namespace beeline::dtls
