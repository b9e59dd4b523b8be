#include "beeline/api/words.h"

namespace beeline {

std::string_view to_string(SdpType type) {
  return peer::to_string(api::to_core(type));
}

std::optional<SdpType> parse_sdp_type(std::string_view text) {
  const auto type = peer::parse_description_type(text);
  if (!type) return std::nullopt;
  return api::from_core(*type);
}

// The same in the same order, as from_core() says.
std::string_view to_string(ConnectionState state) {
  return peer::to_string(static_cast<peer::ConnectionState>(state));
}
std::string_view to_string(SignalingState state) {
  return peer::to_string(static_cast<peer::SignalingState>(state));
}

std::string_view to_string(DataChannelState state) {
  switch (state) {
    case DataChannelState::kConnecting:
      return "connecting";
    case DataChannelState::kOpen:
      return "open";
    case DataChannelState::kClosing:
      return "closing";
    case DataChannelState::kClosed:
      break;
  }
  return "closed";
}

namespace api {
namespace {

template <typename To, typename From>
consteval bool same(To to, From from) {
  return static_cast<int>(to) == static_cast<int>(from);
}
static_assert(same(SdpType::kOffer, peer::DescriptionType::kOffer) &&
              same(SdpType::kPranswer, peer::DescriptionType::kPranswer) &&
              same(SdpType::kAnswer, peer::DescriptionType::kAnswer) &&
              same(SdpType::kRollback, peer::DescriptionType::kRollback));
static_assert(same(ConnectionState::kNew, peer::ConnectionState::kNew) &&
              same(ConnectionState::kConnecting, peer::ConnectionState::kConnecting) &&
              same(ConnectionState::kConnected, peer::ConnectionState::kConnected) &&
              same(ConnectionState::kDisconnected, peer::ConnectionState::kDisconnected) &&
              same(ConnectionState::kFailed, peer::ConnectionState::kFailed) &&
              same(ConnectionState::kClosed, peer::ConnectionState::kClosed));
static_assert(same(SignalingState::kStable, peer::SignalingState::kStable) &&
              same(SignalingState::kHaveLocalOffer, peer::SignalingState::kHaveLocalOffer) &&
              same(SignalingState::kHaveRemoteOffer, peer::SignalingState::kHaveRemoteOffer) &&
              same(SignalingState::kHaveLocalPranswer, peer::SignalingState::kHaveLocalPranswer) &&
              same(SignalingState::kHaveRemotePranswer,
                   peer::SignalingState::kHaveRemotePranswer) &&
              same(SignalingState::kClosed, peer::SignalingState::kClosed));

}  // namespace

SdpType from_core(peer::DescriptionType type) {
  return static_cast<SdpType>(type);
}
peer::DescriptionType to_core(SdpType type) {
  return static_cast<peer::DescriptionType>(type);
}
ConnectionState from_core(peer::ConnectionState state) {
  return static_cast<ConnectionState>(state);
}
SignalingState from_core(peer::SignalingState state) {
  return static_cast<SignalingState>(state);
}

Reason reason_of(peer::NegotiationError::Cause cause) {
  using enum peer::NegotiationError::Cause;
  switch (cause) {
    case kWrongState:
      return Reason::kWrongState;
    case kUnreadable:
      return Reason::kUnreadableDescription;
    case kModified:
      return Reason::kModifiedDescription;
    case kSections:
      return Reason::kSectionsDoNotMatch;
    case kNoIce:
      return Reason::kNoIceCredentials;
    case kNoFingerprint:
      return Reason::kNoFingerprint;
    case kNothing:
      return Reason::kNothingToConnect;
    case kClosed:
      return Reason::kClosed;
  }
  return Reason::kInternal;
}

Reason reason_of(peer::FailureReason reason) {
  using enum peer::FailureReason;
  switch (reason) {
    case kNone:
      return Reason::kNone;
    case kNoPath:
      return Reason::kNoPath;
    case kFingerprintMismatch:
      return Reason::kFingerprintMismatch;
    case kDtls:
      return Reason::kDtlsFailed;
    case kClosedByPeer:
      return Reason::kClosedByPeer;
    case kProtocolViolation:
      return Reason::kProtocolViolation;
  }
  return Reason::kInternal;
}

Reason reason_of(sctp::OpenError error) {
  using enum sctp::OpenError;
  switch (error) {
    case kEnded:
      return Reason::kClosed;
    case kTooLong:
      return Reason::kLabelTooLong;
    case kBadLimit:
      return Reason::kBadChannelInit;
    case kNumberUsed:
      return Reason::kChannelIdUsed;
    case kTooMany:
      return Reason::kTooManyChannels;
  }
  return Reason::kInternal;
}

Reason reason_of(sctp::ChannelSendError error) {
  return error == sctp::ChannelSendError::kTooLong ? Reason::kMessageTooLong
                                                   : Reason::kChannelNotOpen;
}

}  // namespace api
}  // namespace beeline
