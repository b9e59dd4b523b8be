#include "beeline/sctp/rx/receiver.h"

#include "beeline/sctp/rules.h"

namespace beeline::sctp {

bool Receiver::on_data(const DataChunk& data, Duration round_trip, Instant now) {
  const LongTsn tsn = tsns_.lengthen(data.tsn);
  if (tsns_.contains(tsn)) {
    ++counters_.duplicates;
    tsns_.add_duplicate(tsn);
    return true;
  }
  const std::size_t after = held() + data.payload.size();
  const bool is_next = tsn == tsns_.cumulative().next();
  if (!tsns_.is_wanted(tsn) || !rules::has_room(after, window_.size(), is_next)) {
    ++counters_.beyond_window;
    tsns_.hurry();
    return true;
  }
  tsns_.add(tsn);
  window_.arrived(data.payload.size(), round_trip, now);
  return reassembly_.add(tsn, data);
}

bool Receiver::discard(Tsn wire) {
  const LongTsn tsn = tsns_.lengthen(wire);
  if (!tsns_.is_wanted(tsn)) return false;
  tsns_.add(tsn);
  return true;
}

void Receiver::on_forward_tsn(const ForwardTsnChunk& chunk) {
  const LongTsn to = tsns_.lengthen(chunk.cumulative());
  const bool is_news = to > tsns_.cumulative();
  tsns_.forward(to);
  if (is_news) reassembly_.forward(to, chunk);
}

std::optional<Message> Receiver::next_message() {
  auto message = reassembly_.next();
  if (message) with_application_ += message->bytes.size();
  return message;
}

void Receiver::release(std::size_t bytes) {
  with_application_ -= std::min(bytes, with_application_);
  if (rules::tells_of_room(told_, window_.open(held()), window_.size())) tsns_.hurry();
}

void Receiver::write_sack(PacketBuilder& builder) {
  told_ = window_.open(held());
  tsns_.write_sack(builder, told_);
}

}  // namespace beeline::sctp
