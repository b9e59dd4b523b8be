// websocket::Decoder: the same bytes whole and cut into pieces mean the same, and stay within the
// limit.
#include <algorithm>

#include "beeline/websocket/codec.h"

using namespace beeline;

namespace {

constexpr std::size_t kLimit = 1000;

std::vector<websocket::Received> decode(Bytes bytes, websocket::Role role, std::size_t piece) {
  websocket::Decoder decoder(role, {kLimit});
  std::vector<websocket::Received> all;
  while (!bytes.empty()) {
    Bytes part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    while (auto received = decoder.read(part)) all.push_back(std::move(*received));
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto role = (data[0] & 1) != 0 ? websocket::Role::kServer : websocket::Role::kClient;
  const std::size_t piece = data[0] / 2 + 1U;
  const Bytes bytes(data + 1, size - 1);
  const auto whole = decode(bytes, role, bytes.size() + 1);
  const auto pieces = decode(bytes, role, piece);
  ensure(whole.size() == pieces.size(), "cutting changes nothing");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    ensure(whole[i].index() == pieces[i].index(), "cutting changes no kind");
    if (const auto* text = std::get_if<websocket::TextMessage>(&whole[i])) {
      ensure(text->text == std::get<websocket::TextMessage>(pieces[i]).text,
             "cutting changes no text");
      ensure(text->text.size() <= kLimit, "the limit holds");
    }
  }
  return 0;
}
