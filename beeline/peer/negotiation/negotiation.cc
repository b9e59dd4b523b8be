#include "beeline/peer/negotiation/negotiation.h"

#include <algorithm>
#include <utility>

#include "beeline/sdp/attribute/fingerprint.h"
#include "beeline/sdp/attribute/group.h"
#include "beeline/sdp/attribute/ice.h"
#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/attribute/rtcp.h"
#include "beeline/sdp/attribute/sctp.h"
#include "beeline/sdp/writer.h"

namespace beeline::peer {
namespace {

using Cause = NegotiationError::Cause;
using Setup = sdp::Setup;

constexpr Port kSctpPort{5000};
constexpr std::uint32_t kMostStreams = 1024;

std::unexpected<NegotiationError> error(Cause cause, std::string detail = {}) {
  return std::unexpected(NegotiationError{cause, std::move(detail)});
}

std::expected<sdp::Session, NegotiationError> parse(const std::string& text) {
  auto session = sdp::parse(text);
  if (!session) return error(Cause::kUnreadable, sdp::to_string(session.error()));
  return std::move(*session);
}

std::string mid_of(const sdp::Media& media) {
  const auto mid = sdp::first<sdp::Mid>(media);
  return mid ? mid->value : std::string();
}

//= RFC 9429 §5.3.1
// A section we want nothing of: the same, with port 0.
sdp::Media rejected(const sdp::Media& offered) {
  sdp::Media media;
  media.kind = offered.kind;
  media.protocol = offered.protocol;
  media.formats = offered.formats;
  media.port = Port{0};
  sdp::set(media, sdp::Connection{});
  media.add({'a', "inactive"});
  if (const auto mid = sdp::first<sdp::Mid>(offered)) sdp::set(media, *mid);
  return media;
}

void set_transport(sdp::Media& media, const LocalTransport& local, Setup::Role setup) {
  sdp::set(media, sdp::Connection{});
  sdp::set(media, sdp::IceUfrag{local.ice.ufrag});
  sdp::set(media, sdp::IcePwd{local.ice.password});
  sdp::IceOptions options{{"trickle"}};
  if (local.ice.renomination) options.tokens.push_back("renomination");
  sdp::set(media, options);
  sdp::set(media, sdp::Fingerprint{"sha-256", local.fingerprint.value});
  sdp::set(media, Setup{setup});
}

// A section in which nothing is sent, and which stays all the same: it speaks for its bundle.
sdp::Media idle(const sdp::Media& offered, const LocalTransport& local, Setup::Role setup) {
  sdp::Media media = rejected(offered);
  media.port = Port{9};
  set_transport(media, local, setup);
  media.add(sdp::kRtcpMux);
  for (const sdp::Line& line : offered.lines)
    for (const sdp::Key key : {sdp::Key{'a', "rtpmap"}, sdp::Key{'a', "fmtp"}})
      if (line.is(key)) media.add(key, line.value());
  return media;
}

//= RFC 9143 §7.3.1
// The section that an offer has its bundle spoken for by, where it is another than the one of data
// channels; empty otherwise. Rejecting it should leave the rest of the bundle alone, but libwebrtc
// (seen in Chromium 156) refuses such an answer: it stays, idle.
std::string other_tag(const sdp::Session& offer, const std::string& mid) {
  for (const sdp::Group& group : sdp::readable<sdp::Group>(offer)) {
    if (group.semantics != sdp::kBundle || !group.has(mid)) continue;
    const std::string& tag = group.mids.front();
    const auto at = std::ranges::find(offer.media, tag, mid_of);
    const bool other = tag != mid && at != offer.media.end() && !at->is_rejected();
    return other ? tag : std::string();
  }
  return {};
}

sdp::Group bundle(const std::string& tag, const std::string& mid) {
  sdp::Group group{std::string(sdp::kBundle), {mid}};
  if (!tag.empty()) group.mids.insert(group.mids.begin(), tag);
  return group;
}

}  // namespace

std::string_view to_string(SignalingState state) {
  switch (state) {
    case SignalingState::kStable:
      return "stable";
    case SignalingState::kHaveLocalOffer:
      return "have-local-offer";
    case SignalingState::kHaveRemoteOffer:
      return "have-remote-offer";
    case SignalingState::kHaveLocalPranswer:
      return "have-local-pranswer";
    case SignalingState::kHaveRemotePranswer:
      return "have-remote-pranswer";
    case SignalingState::kClosed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(DescriptionType type) {
  switch (type) {
    case DescriptionType::kOffer:
      return "offer";
    case DescriptionType::kPranswer:
      return "pranswer";
    case DescriptionType::kAnswer:
      return "answer";
    case DescriptionType::kRollback:
      return "rollback";
  }
  return "unknown";
}

std::optional<DescriptionType> parse_description_type(std::string_view text) {
  using enum DescriptionType;
  for (const auto type : {kOffer, kPranswer, kAnswer, kRollback})
    if (text == to_string(type)) return type;
  return std::nullopt;
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::kWrongState:
      return "wrong_state";
    case Cause::kUnreadable:
      return "unreadable";
    case Cause::kModified:
      return "modified";
    case Cause::kSections:
      return "sections_differ";
    case Cause::kNoIce:
      return "no_ice";
    case Cause::kNoFingerprint:
      return "no_fingerprint";
    case Cause::kNothing:
      return "nothing_to_connect";
    case Cause::kClosed:
      return "closed";
  }
  return "unknown";
}

std::unexpected<NegotiationError> Negotiation::wrong_state(std::string_view what) const {
  if (state_ == SignalingState::kClosed) return error(Cause::kClosed);
  return error(Cause::kWrongState,
               std::string(what) + " in state " + std::string(to_string(state_)));
}

// --- ours ---

sdp::Session Negotiation::begin_description() {
  sdp::Session session;
  sdp::add(session,
           sdp::Origin{.session_id = std::to_string(session_id_), .session_version = version_++});
  session.add({'s'}, "-");
  session.add({'t'}, "0 0");
  return session;
}

// `like`: the other side's, where there is one.
sdp::Media Negotiation::data_section(const LocalTransport& local, Setup::Role setup,
                                     const std::string& mid, const sdp::Media* like) const {
  sdp::Media media;
  media.kind = "application";
  media.port = Port{9};
  media.protocol = "UDP/DTLS/SCTP";
  media.formats = {std::string(sdp::kDataChannel)};
  //= RFC 3264 §6
  // Who speaks of a protocol is answered in the same one; that of the drafts says the rest in
  // another way, too.
  if (like != nullptr) media.protocol = like->protocol;
  set_transport(media, local, setup);
  if (!mid.empty()) sdp::set(media, sdp::Mid{mid});
  if (like != nullptr && like->has(sdp::SctpMap::kKey)) {
    media.formats = {std::to_string(kSctpPort.value)};
    sdp::set(media, sdp::SctpMap{kSctpPort, std::string(sdp::kDataChannel), kMostStreams});
  } else {
    sdp::set(media, sdp::SctpPort{kSctpPort});
  }
  sdp::set(media, sdp::MaxMessageSize{local.max_message});
  if (!local.sctp_init.empty()) sdp::set(media, sdp::SctpInit{local.sctp_init});
  return media;
}

//= RFC 9429 §5.2.1
std::expected<Description, NegotiationError> Negotiation::make_offer(const LocalTransport& local,
                                                                     bool data) {
  if (state_ != SignalingState::kStable && state_ != SignalingState::kHaveLocalOffer)
    return wrong_state("an offer");
  sdp::Session session = begin_description();
  const bool had_data = remote_.has_value();
  if (!had_data && !data) return error(Cause::kNothing, "no data channel was asked for");
  if (!had_data) {
    index_ = sections_.size();
    mid_ = std::to_string(index_);
  }
  sdp::add(session, bundle(tag_, mid_));
  for (const sdp::Media& section : sections_)
    session.media.push_back(!tag_.empty() && mid_of(section) == tag_
                                ? idle(section, local, Setup::Role::kActpass)
                                : rejected(section));
  //= RFC 5763 §5
  // Also later: whoever is what already stays what it is.
  const sdp::Media* before = had_data && index_ < sections_.size() ? &sections_[index_] : nullptr;
  sdp::Media section = data_section(local, Setup::Role::kActpass, mid_, before);
  if (index_ < session.media.size())
    session.media[index_] = std::move(section);
  else
    session.media.push_back(std::move(section));
  last_offer_ = sdp::write(session);
  last_offer_session_ = std::move(session);
  return Description{DescriptionType::kOffer, last_offer_};
}

//= RFC 9429 §5.3.1
std::expected<Description, NegotiationError> Negotiation::make_answer(const LocalTransport& local) {
  if (state_ != SignalingState::kHaveRemoteOffer && state_ != SignalingState::kHaveLocalPranswer)
    return wrong_state("an answer");
  sdp::Session session = begin_description();
  //= RFC 9429 §5.3.1
  // A section without a name is answered without one; it cannot be in a bundle either.
  const std::string mid = mid_of(offer_->media[pending_remote_->index]);
  bool bundled = false;
  for (const sdp::Group& group : sdp::readable<sdp::Group>(*offer_))
    bundled |= group.semantics == sdp::kBundle && !mid.empty() && group.has(mid);
  answer_tag_ = bundled ? other_tag(*offer_, mid) : std::string();
  if (bundled) sdp::add(session, bundle(answer_tag_, mid));
  LocalTransport ours = local;
  // Only where both have it does it mean something.
  if (pending_remote_->sctp_init.empty()) ours.sctp_init.clear();
  Setup::Role setup =
      pending_remote_->setup == Setup::Role::kActive ? Setup::Role::kPassive : Setup::Role::kActive;
  if (role_) setup = *role_ == dtls::Role::kClient ? Setup::Role::kActive : Setup::Role::kPassive;
  for (std::size_t i = 0; i < offer_->media.size(); ++i) {
    const sdp::Media& offered = offer_->media[i];
    if (i == pending_remote_->index)
      session.media.push_back(data_section(ours, setup, mid, &offered));
    else if (!answer_tag_.empty() && mid_of(offered) == answer_tag_)
      session.media.push_back(idle(offered, local, setup));
    else
      session.media.push_back(rejected(offered));
  }
  last_answer_ = sdp::write(session);
  last_answer_session_ = std::move(session);
  return Description{DescriptionType::kAnswer, last_answer_};
}

std::expected<bool, NegotiationError> Negotiation::set_local(const Description& description) {
  switch (description.type) {
    case DescriptionType::kOffer:
      return apply_local_offer(description);
    case DescriptionType::kAnswer:
    case DescriptionType::kPranswer:
      return apply_local_answer(description);
    case DescriptionType::kRollback:
      return roll_back(true);
  }
  return wrong_state("nothing");
}

std::expected<bool, NegotiationError> Negotiation::apply_local_offer(const Description& offer) {
  if (state_ != SignalingState::kStable && state_ != SignalingState::kHaveLocalOffer)
    return wrong_state("a local offer");
  //= RFC 9429 §5.4
  if (offer.sdp != last_offer_ || !last_offer_session_) return error(Cause::kModified);
  pending_local_ = *last_offer_session_;
  state_ = SignalingState::kHaveLocalOffer;
  return false;
}

std::expected<bool, NegotiationError> Negotiation::apply_local_answer(const Description& answer) {
  if (state_ != SignalingState::kHaveRemoteOffer && state_ != SignalingState::kHaveLocalPranswer)
    return wrong_state("a local answer");
  if (answer.sdp != last_answer_ || !last_answer_session_) return error(Cause::kModified);
  mid_ = pending_remote_->mid;
  index_ = pending_remote_->index;
  tag_ = answer_tag_;
  if (!role_) {
    const bool active = pending_remote_->setup != Setup::Role::kActive;
    role_ = active ? dtls::Role::kClient : dtls::Role::kServer;
  }
  if (answer.type == DescriptionType::kPranswer) {
    pending_local_ = *last_answer_session_;
    state_ = SignalingState::kHaveLocalPranswer;
    return true;
  }
  local_ = std::move(last_answer_session_);
  forget_made();
  pending_local_.reset();
  remote_ = std::move(pending_remote_);
  pending_remote_.reset();
  remote_text_ = std::exchange(pending_remote_text_, {});
  sections_ = std::move(offer_->media);
  offer_.reset();
  state_ = SignalingState::kStable;
  return true;
}

// --- theirs ---

std::expected<bool, NegotiationError> Negotiation::set_remote(const Description& description) {
  switch (description.type) {
    case DescriptionType::kOffer:
      return apply_remote_offer(description);
    case DescriptionType::kAnswer:
    case DescriptionType::kPranswer:
      return apply_remote_answer(description);
    case DescriptionType::kRollback:
      return roll_back(false);
  }
  return wrong_state("nothing");
}

std::expected<bool, NegotiationError> Negotiation::apply_remote_offer(const Description& offer) {
  const bool glare = state_ == SignalingState::kHaveLocalOffer;
  if (state_ != SignalingState::kStable && state_ != SignalingState::kHaveRemoteOffer && !glare)
    return wrong_state("a remote offer");
  auto session = parse(offer.sdp);
  if (!session) return std::unexpected(session.error());
  auto remote = read_remote(*session);
  if (!remote) return std::unexpected(remote.error());
  //= RFC 9429 §4.1.10.2
  // Two offers at once: who takes the other's gives up its own, without being told to.
  if (glare) std::ignore = roll_back(true);
  // What was made before does not know this offer.
  forget_made();
  offer_ = std::move(*session);
  pending_remote_ = std::move(*remote);
  pending_remote_text_ = offer.sdp;
  state_ = SignalingState::kHaveRemoteOffer;
  return false;
}

std::expected<bool, NegotiationError> Negotiation::apply_remote_answer(const Description& answer) {
  if (state_ != SignalingState::kHaveLocalOffer && state_ != SignalingState::kHaveRemotePranswer)
    return wrong_state("a remote answer");
  auto session = parse(answer.sdp);
  if (!session) return std::unexpected(session.error());
  //= RFC 9429 §5.8
  // Section for section, under the same names.
  const auto& offered = pending_local_->media;
  if (session->media.size() != offered.size())
    return error(Cause::kSections, "the answer has another number of media sections");
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const std::string theirs = mid_of(session->media[i]);
    if (session->media[i].kind != offered[i].kind ||
        (!theirs.empty() && theirs != mid_of(offered[i])))
      return error(Cause::kSections, "media section " + std::to_string(i) + " is another");
  }
  auto remote = read_remote(*session);
  if (!remote) return std::unexpected(remote.error());
  settle_role(remote->setup);
  if (answer.type == DescriptionType::kPranswer) {
    pending_remote_ = std::move(*remote);
    pending_remote_text_ = answer.sdp;
    state_ = SignalingState::kHaveRemotePranswer;
    return true;
  }
  remote_ = std::move(*remote);
  pending_remote_.reset();
  pending_remote_text_.clear();
  remote_text_ = answer.sdp;
  sections_ = offered;
  local_ = std::move(pending_local_);
  pending_local_.reset();
  forget_made();
  state_ = SignalingState::kStable;
  return true;
}

//= RFC 8842 §5.3
// The answerer chooses; actpass in an answer is sloppy and means what most do.
void Negotiation::settle_role(Setup::Role theirs) {
  if (role_) return;
  role_ = theirs == Setup::Role::kPassive ? dtls::Role::kClient : dtls::Role::kServer;
}

std::expected<bool, NegotiationError> Negotiation::roll_back(bool local) {
  const bool fits = local ? state_ == SignalingState::kHaveLocalOffer
                          : state_ == SignalingState::kHaveRemoteOffer;
  if (!fits) return wrong_state("a rollback");
  pending_local_.reset();
  pending_remote_.reset();
  pending_remote_text_.clear();
  offer_.reset();
  forget_made();
  state_ = SignalingState::kStable;
  return false;
}

// W3C's LastCreatedOffer and LastCreatedAnswer: of use in the state that they were made in.
void Negotiation::forget_made() {
  last_offer_session_.reset();
  last_answer_session_.reset();
}

bool Negotiation::is_remote_restart() const {
  return remote_ && pending_remote_ && remote_->ice.ufrag != pending_remote_->ice.ufrag;
}

void Negotiation::add_remote_candidate(const ice::Candidate& candidate) {
  constexpr std::size_t kMost = 256;
  if (pending_remote_ && pending_remote_->candidates.size() < kMost)
    pending_remote_->candidates.push_back(candidate);
}

// --- the local description ---

void Negotiation::add_local_candidate(const sdp::Candidate& candidate) {
  auto& session = pending_local_ ? pending_local_ : local_;
  if (session && index_ < session->media.size()) sdp::add(session->media[index_], candidate);
}

void Negotiation::end_local_candidates() {
  auto& session = pending_local_ ? pending_local_ : local_;
  if (session && index_ < session->media.size() &&
      !session->media[index_].has(sdp::kEndOfCandidates))
    session->media[index_].add(sdp::kEndOfCandidates);
}

std::string Negotiation::local_description() const {
  const auto& session = pending_local_ ? pending_local_ : local_;
  return session ? sdp::write(*session) : std::string();
}

}  // namespace beeline::peer
