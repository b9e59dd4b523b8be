#include "beeline/dtls/flight.h"

#include <algorithm>

#include "beeline/dtls/record.h"

namespace beeline::dtls {
void Flight::add(Bytes records) {
  if (datagrams_.empty() || datagrams_.back().size() + records.size() > mtu_)
    datagrams_.emplace_back();
  datagrams_.back().insert(datagrams_.back().end(), records.begin(), records.end());
}

bool Flight::has_protected() const {
  return std::ranges::any_of(datagrams_, [](const std::vector<std::uint8_t>& datagram) {
    ByteReader reader(datagram);
    while (const auto record = read_record(reader))
      if (record->epoch > 0) return true;
    return false;
  });
}

//= RFC 6347 §4.1
void PlaintextNumbers::renumber(MutableBytes datagram) {
  constexpr std::size_t kSequenceOffset = 5;
  ByteReader reader(datagram);
  for (std::size_t begin = 0; const auto record = read_record(reader);
       begin = datagram.size() - reader.remaining()) {
    if (record->epoch != 0) continue;
    ByteWriter writer(datagram.subspan(begin + kSequenceOffset, 6));
    writer.u16(static_cast<std::uint16_t>(next_ >> 32));
    writer.u32(static_cast<std::uint32_t>(next_));
    ++next_;
  }
}

}  // namespace beeline::dtls
