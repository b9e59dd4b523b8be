#include "beeline/api/error.h"

#include <array>

namespace beeline {
namespace {

struct Words {
  Reason reason;
  std::string_view name;
  std::string_view advice;
};

constexpr auto kWords = std::to_array<Words>({
    {Reason::kNone, "none", "Nothing is wrong."},
    {Reason::kWrongState, "wrong_state",
     "This is not what comes next in offer and answer. Look at signaling_state(): an answer "
     "follows "
     "an offer, and after close() nothing does."},
    {Reason::kUnreadableDescription, "unreadable_description",
     "That is no session description. Pass on the text of the other side unchanged, line ends "
     "included."},
    {Reason::kModifiedDescription, "modified_description",
     "A local description has to be what create_offer() or create_answer() made, unchanged."},
    {Reason::kSectionsDoNotMatch, "sections_do_not_match",
     "This answer belongs to another offer. Answers go to the offer that was sent last."},
    {Reason::kNoIceCredentials, "no_ice_credentials",
     "The description has no ice-ufrag and ice-pwd: the other side does not speak WebRTC, or its "
     "text was shortened on the way."},
    {Reason::kNoFingerprint, "no_fingerprint",
     "The description has no fingerprint that proves anything (SHA-256 or better), so nobody could "
     "be told from an impostor."},
    {Reason::kNothingToConnect, "nothing_to_connect",
     "There are no data channels in the description. Whoever offers creates one first."},
    {Reason::kUnreadableCandidate, "unreadable_candidate",
     "That is no ICE candidate. Pass on the text of the other side unchanged."},
    {Reason::kNoRemoteDescription, "no_remote_description",
     "Candidates belong to a description: call set_remote_description() first and keep them until "
     "then."},
    {Reason::kBadIceServer, "bad_ice_server",
     "An ICE server is stun:HOST[:PORT], turn:HOST[:PORT][?transport=udp|tcp] or "
     "turns:HOST[:PORT]; "
     "TURN needs a username and a credential."},
    {Reason::kNoPath, "no_path",
     "No way between the two sides works. explain() says what was tried; where there is no TURN "
     "server among the ICE servers, add one. restart_ice() tries again."},
    {Reason::kFingerprintMismatch, "fingerprint_mismatch",
     "Whoever answered is not who signaling announced. Somebody stands in between, or two "
     "descriptions were mixed up. Do not try again on the same signaling."},
    {Reason::kDtlsFailed, "dtls_failed",
     "The two sides could not agree on encryption. The other side's log says more."},
    {Reason::kClosedByPeer, "closed_by_peer", "The other side closed the connection."},
    {Reason::kProtocolViolation, "protocol_violation",
     "The other side broke the rules of SCTP, or sent a longer message than max_message_size "
     "allows."},
    {Reason::kClosed, "closed", "This side closed it. Make a new one."},
    {Reason::kInternal, "internal",
     "A bug in Beeline. This connection ended and nothing else; please report the detail."},
    {Reason::kOldOpenssl, "old_openssl",
     "The OpenSSL on this machine is too old: one forged datagram would end a call "
     "(CVE-2026-75806). Install libssl3 3.0.22-1~deb12u2 or later."},
    {Reason::kChannelNotOpen, "channel_not_open",
     "The channel does not carry messages yet, or not any more. Wait for on_open or opened()."},
    {Reason::kChannelClosed, "channel_closed", "The channel was closed; nothing more comes."},
    {Reason::kChannelRefused, "channel_refused",
     "The other side would not open the channel: it has too many, or the connection allows no "
     "more."},
    {Reason::kMessageTooLong, "message_too_long",
     "The other side takes no message of this size: see max_message_size(). Send it in pieces."},
    {Reason::kSendQueueFull, "send_queue_full",
     "Too much waits to be sent. Wait for what send() gives, or for on_buffered_amount_low."},
    {Reason::kLabelTooLong, "label_too_long",
     "Label and protocol of a channel have at most 65535 bytes."},
    {Reason::kBadChannelInit, "bad_channel_init",
     "A channel has max_packet_life_time or max_retransmits, not both; one that is negotiated has "
     "an id, and no other."},
    {Reason::kChannelIdUsed, "channel_id_used",
     "There is a channel with this id, or it is beyond 65534."},
    {Reason::kTooManyChannels, "too_many_channels",
     "1024 channels are open at most. Close some, or use one for several purposes."},
});

const Words& words_of(Reason reason) {
  for (const Words& words : kWords)
    if (words.reason == reason) return words;
  static constexpr Words kUnknown{Reason::kNone, "unknown", "An unknown reason."};
  return kUnknown;
}

// The base has no virtual destructor on purpose: categories are never deleted.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "beeline"; }
  std::string message(int value) const override {
    const Words& words = words_of(static_cast<Reason>(value));
    return std::string(words.name) + ": " + std::string(words.advice);
  }
};
#pragma GCC diagnostic pop

}  // namespace

std::string_view to_string(Reason reason) {
  return words_of(reason).name;
}
std::string_view advice(Reason reason) {
  return words_of(reason).advice;
}

const boost::system::error_category& error_category() {
  static const Category kCategory;
  return kCategory;
}

Reason reason_of(const boost::system::error_code& code) {
  return code.category() == error_category() ? static_cast<Reason>(code.value()) : Reason::kNone;
}

std::string Error::message() const {
  std::string text = std::string(to_string(reason)) + ": " + std::string(advice(reason));
  if (!detail.empty()) text += " (" + detail + ")";
  return text;
}

}  // namespace beeline
