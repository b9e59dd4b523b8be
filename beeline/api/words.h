// The core's words in those of the public headers.
#pragma once

#include "beeline/api/configuration.h"
#include "beeline/api/error.h"
#include "beeline/peer/peer_connection.h"
#include "beeline/peer/transport.h"
#include "beeline/sctp/data_channel/channels.h"

namespace beeline::api {

SdpType from_core(peer::DescriptionType type);
peer::DescriptionType to_core(SdpType type);
ConnectionState from_core(peer::ConnectionState state);
SignalingState from_core(peer::SignalingState state);

Reason reason_of(peer::NegotiationError::Cause cause);
Reason reason_of(peer::FailureReason reason);
Reason reason_of(sctp::OpenError error);
Reason reason_of(sctp::ChannelSendError error);

}  // namespace beeline::api
