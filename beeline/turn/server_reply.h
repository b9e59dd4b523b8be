// How turn::Server writes answers; shared by its source files, not part of its interface.
#pragma once

#include "beeline/stun/attributes.h"
#include "beeline/turn/server.h"

namespace beeline::turn {

// Writes a message into a fresh packet: header, what `fill(writer)` adds, then integrity under
// `key` unless that is null.
template <typename Fill>
Packet write_message(PacketPool& packets, stun::Class message_class, stun::Method method,
                     const stun::TransactionId& id, const stun::LongTermKey* key, Fill fill) {
  Packet packet = packets.make();
  packet.resize(Packet::kMaxPayload);
  stun::MessageWriter writer(packet.mutable_bytes(), message_class, method, id);
  fill(writer);
  if (key != nullptr) add_integrity_with(writer, *key);
  ensure(writer.ok(), "answers fit a packet");
  packet.resize(writer.bytes().size());
  return packet;
}

template <typename Fill>
void Server::reply(stun::Class message_class, const stun::Message& request, const FiveTuple& client,
                   const stun::LongTermKey* key, Fill fill) {
  transmits_.push(ToClient{client, write_message(packets_, message_class, request.method(),
                                                 request.transaction_id(), key, fill)});
}

}  // namespace beeline::turn
