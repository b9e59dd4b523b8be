// Offer and answer (RFC 9429, RFC 3264) as a state machine over text: what may be said when, what
// our descriptions say, and what the other side's mean for the transport. Changes nothing else.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/dtls/certificate_check.h"
#include "beeline/dtls/session.h"
#include "beeline/ice/agent.h"
#include "beeline/sdp/attribute/candidate.h"
#include "beeline/sdp/attribute/setup.h"
#include "beeline/sdp/parser.h"
#include "beeline/sdp/session.h"

namespace beeline::peer {

// W3C RTCSignalingState.
enum class SignalingState : std::uint8_t {
  kStable,
  kHaveLocalOffer,
  kHaveRemoteOffer,
  kHaveLocalPranswer,
  kHaveRemotePranswer,
  kClosed,
};
std::string_view to_string(SignalingState state);

enum class DescriptionType : std::uint8_t { kOffer, kPranswer, kAnswer, kRollback };
std::string_view to_string(DescriptionType type);
std::optional<DescriptionType> parse_description_type(std::string_view text);

struct Description {
  DescriptionType type = DescriptionType::kOffer;
  std::string sdp;
};

struct NegotiationError {
  enum class Cause : std::uint8_t {
    kWrongState,     // not what comes next: see the state
    kUnreadable,     // no session description; `detail` says where
    kModified,       // a local description that is not what was created
    kSections,       // an answer whose media sections are not those of the offer
    kNoIce,          // no ICE credentials
    kNoFingerprint,  // none, or none that proves anything
    kNothing,        // nothing that could be connected: no data channels in it
    kClosed,
  };
  Cause cause = Cause::kWrongState;
  std::string detail;
};
std::string_view to_string(NegotiationError::Cause cause);  // stable: "wrong_state"

// What our descriptions say of our end.
struct LocalTransport {
  ice::Parameters ice;
  dtls::Fingerprint fingerprint;
  std::uint64_t max_message = 0;  // bytes
  std::vector<std::uint8_t> sctp_init;
};

// What a description of the other side says of its end.
struct RemoteSection {
  std::size_t index = 0;
  std::string mid;
  ice::Parameters ice;
  std::vector<dtls::Fingerprint> fingerprints;
  sdp::Setup::Role setup = sdp::Setup::Role::kActpass;
  std::uint16_t sctp_port = 5000;
  std::uint64_t max_message = 65536;  // bytes; 0: any
  std::vector<std::uint8_t> sctp_init;
  std::vector<ice::Candidate> candidates;
  bool candidates_complete = false;
};

class Negotiation {
 public:
  // `session_id`: digits that no other session has, below 2^63 (RFC 9429 §5.2.1).
  explicit Negotiation(std::uint64_t session_id) : session_id_(session_id) {}

  SignalingState state() const { return state_; }
  // The data section's name and place, of the latest description that has one.
  const std::string& mid() const { return mid_; }
  std::size_t index() const { return index_; }
  // Once agreed, for good (RFC 8842 §5.3).
  std::optional<dtls::Role> dtls_role() const { return role_; }

  // What set_local() then takes. An offer has a data section where `data` or where one was before.
  std::expected<Description, NegotiationError> make_offer(const LocalTransport& local, bool data);
  std::expected<Description, NegotiationError> make_answer(const LocalTransport& local);

  // True in the result: both sides have agreed (or, with pranswer, for now).
  std::expected<bool, NegotiationError> set_local(const Description& description);
  std::expected<bool, NegotiationError> set_remote(const Description& description);
  void close() { state_ = SignalingState::kClosed; }

  // The other side's end as last described; while an offer of it waits for our answer, as that
  // says.
  const std::optional<RemoteSection>& remote() const {
    return pending_remote_ ? pending_remote_ : remote_;
  }
  // Whether the offer that waits for our answer has other ICE credentials than were agreed on.
  bool is_remote_restart() const;

  // Candidates of the offer that waits for our answer.
  void add_remote_candidate(const ice::Candidate& candidate);
  // Candidates of ours belong into the local description, too.
  void add_local_candidate(const sdp::Candidate& candidate);
  void end_local_candidates();
  // As it is now: pending, or else current; empty before there is one.
  std::string local_description() const;
  std::string remote_description() const {
    return pending_remote_text_.empty() ? remote_text_ : pending_remote_text_;
  }

 private:
  std::expected<bool, NegotiationError> apply_local_offer(const Description& description);
  std::expected<bool, NegotiationError> apply_local_answer(const Description& description);
  std::expected<bool, NegotiationError> apply_remote_offer(const Description& description);
  std::expected<bool, NegotiationError> apply_remote_answer(const Description& description);
  std::expected<bool, NegotiationError> roll_back(bool local);
  std::unexpected<NegotiationError> wrong_state(std::string_view what) const;
  sdp::Session begin_description();
  sdp::Media data_section(const LocalTransport& local, sdp::Setup::Role setup,
                          const std::string& mid, const sdp::Media* like) const;
  void settle_role(sdp::Setup::Role theirs);
  void forget_made();

  std::uint64_t session_id_;
  std::uint64_t version_ = 0;
  SignalingState state_ = SignalingState::kStable;
  std::string mid_ = "0";
  std::size_t index_ = 0;
  // Of the section that speaks for the bundle, where that is another: agreed on, and as answered.
  std::string tag_, answer_tag_;
  std::optional<dtls::Role> role_;
  // The sections as of the last agreement, and in what waits for one.
  std::vector<sdp::Media> sections_;
  std::optional<sdp::Session> local_, pending_local_;
  std::optional<sdp::Session> offer_;  // of the other side, while it waits
  std::optional<RemoteSection> remote_, pending_remote_;
  std::string remote_text_, pending_remote_text_;
  std::string last_offer_, last_answer_;  // as created
  std::optional<sdp::Session> last_offer_session_, last_answer_session_;
};

// The end that `session` describes: its first section of data channels that is not rejected.
std::expected<RemoteSection, NegotiationError> read_remote(const sdp::Session& session);

}  // namespace beeline::peer
