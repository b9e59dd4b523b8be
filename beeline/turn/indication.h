// Send and Data indications (RFC 8656 §11), around what a packet holds, in place.
#pragma once

#include "beeline/base/packet.h"
#include "beeline/stun/attributes.h"

namespace beeline::turn {

// The most that push_indication() takes of a packet's head room.
inline constexpr std::size_t kIndicationHead = 48;

// `method`: kSend or kData.
void push_indication(Packet& packet, stun::Method method, const TransportAddress& peer,
                     const stun::TransactionId& id);

}  // namespace beeline::turn
