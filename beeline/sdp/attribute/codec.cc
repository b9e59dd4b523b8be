#include "beeline/sdp/attribute/codec.h"

#include <fmt/format.h>

#include <array>

#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

constexpr std::uint8_t kMaxPayloadType = 127;

//= RFC 3551 §6
struct StaticType {
  std::uint8_t payload_type;
  std::string_view name;
  std::uint32_t clock_rate;
  std::uint16_t channels = 1;
};
constexpr std::array<StaticType, 24> kStaticTypes{{
    {0, "PCMU", 8000},     {3, "GSM", 8000},    {4, "G723", 8000},   {5, "DVI4", 8000},
    {6, "DVI4", 16000},    {7, "LPC", 8000},    {8, "PCMA", 8000},   {9, "G722", 8000},
    {10, "L16", 44100, 2}, {11, "L16", 44100},  {12, "QCELP", 8000}, {13, "CN", 8000},
    {14, "MPA", 90000},    {15, "G728", 8000},  {16, "DVI4", 11025}, {17, "DVI4", 22050},
    {18, "G729", 8000},    {25, "CelB", 90000}, {26, "JPEG", 90000}, {28, "nv", 90000},
    {31, "H261", 90000},   {32, "MPV", 90000},  {33, "MP2T", 90000}, {34, "H263", 90000},
}};

// By payload type, so that a long "m=" line and many attributes cost no more than their sum.
class CodecTable {
 public:
  explicit CodecTable(const Media& media) {
    for (const std::string& format : media.formats) {
      const auto type = parse_payload_type(format);
      if (!type || on_line_[type->value]) continue;
      on_line_[type->value] = true;
      order_.push_back(*type);
      codecs_[type->value].payload_type = *type;
    }
  }

  void take(const Line& line) {
    if (line.is(Rtpmap::kKey)) {
      take(Rtpmap::parse(line.value()));
    } else if (line.is(Fmtp::kKey)) {
      take(Fmtp::parse(line.value()));
    } else if (line.is(RtcpFb::kKey)) {
      take(RtcpFb::parse(line.value()));
    }
  }

  std::vector<Codec> finish() {
    for (const StaticType& known : kStaticTypes) {
      Codec& codec = codecs_[known.payload_type];
      if (!codec.name.empty()) continue;
      codec.name = known.name;
      codec.clock_rate = known.clock_rate;
      codec.channels = known.channels;
    }
    std::vector<Codec> result;
    for (const PayloadType type : order_) {
      Codec& codec = codecs_[type.value];
      if (codec.name.empty()) continue;
      for (const Feedback& feedback : wildcard_) append(codec.feedback, feedback);
      result.push_back(std::move(codec));
    }
    return result;
  }

 private:
  static void append(std::vector<Feedback>& list, const Feedback& feedback) {
    if (list.size() < kMaxFeedback) list.push_back(feedback);
  }
  template <typename T>
  Codec* codec_of(const std::expected<T, ValueError>& said) {
    if (!said || !on_line_[said->payload_type.value]) return nullptr;
    return &codecs_[said->payload_type.value];
  }

  void take(const std::expected<Rtpmap, ValueError>& map) {
    Codec* codec = codec_of(map);
    if (codec == nullptr || !codec->name.empty()) return;
    codec->name = map->encoding;
    codec->clock_rate = map->clock_rate;
    codec->channels = map->channels;
  }
  void take(const std::expected<Fmtp, ValueError>& fmtp) {
    Codec* codec = codec_of(fmtp);
    if (codec == nullptr) return;
    if (codec->parameters.size() + fmtp->parameters.size() > kMaxParameters) return;
    codec->parameters.insert(codec->parameters.end(), fmtp->parameters.begin(),
                             fmtp->parameters.end());
  }
  void take(const std::expected<RtcpFb, ValueError>& fb) {
    if (!fb) return;
    if (!fb->payload_type) {
      append(wildcard_, fb->feedback);
    } else if (on_line_[fb->payload_type->value]) {
      append(codecs_[fb->payload_type->value].feedback, fb->feedback);
    }
  }

  std::array<bool, kMaxPayloadType + 1> on_line_{};
  std::array<Codec, kMaxPayloadType + 1> codecs_;
  std::vector<PayloadType> order_;
  std::vector<Feedback> wildcard_;
};

}  // namespace

//= RFC 3550 §5.1
std::optional<PayloadType> parse_payload_type(std::string_view text) {
  const auto value = number<std::uint8_t>(text);
  if (!value || *value > kMaxPayloadType) return std::nullopt;
  return PayloadType{*value};
}

//= RFC 8866 §6.6
std::expected<Rtpmap, ValueError> Rtpmap::parse(std::string_view text) {
  const auto type = parse_payload_type(take_word(text));
  std::string_view rest = take_word(text);
  const std::string_view encoding = take_until(rest, '/');
  const auto rate = number<std::uint32_t>(take_until(rest, '/'));
  const auto channels = rest.empty() ? std::uint16_t{1} : number<std::uint16_t>(rest);
  if (encoding.empty()) return std::unexpected(ValueError::kMalformed);
  if (!type || !rate || *rate == 0 || !channels || *channels == 0)
    return std::unexpected(ValueError::kOutOfRange);
  return Rtpmap{*type, std::string(encoding), *rate, *channels};
}

std::string Rtpmap::text() const {
  std::string out = fmt::format("{} {}/{}", payload_type.value, encoding, clock_rate);
  if (channels != 1) out += fmt::format("/{}", channels);
  return out;
}

//= RFC 8866 §6.15
std::expected<Fmtp, ValueError> Fmtp::parse(std::string_view text) {
  const auto type = parse_payload_type(take_word(text));
  auto parameters = parse_parameters(text);
  if (!type || !parameters) return std::unexpected(ValueError::kOutOfRange);
  return Fmtp{*type, std::move(*parameters)};
}

std::string Fmtp::text() const {
  std::string out = fmt::format("{}", payload_type.value);
  if (!parameters.empty()) out.append(1, ' ').append(parameters_text(parameters));
  return out;
}

//= RFC 4585 §4.2
std::expected<RtcpFb, ValueError> RtcpFb::parse(std::string_view text) {
  RtcpFb fb;
  const std::string_view type = take_word(text);
  if (type != "*") {
    fb.payload_type = parse_payload_type(type);
    if (!fb.payload_type) return std::unexpected(ValueError::kOutOfRange);
  }
  fb.feedback.type = take_word(text);
  fb.feedback.parameter = trim(text);
  if (fb.feedback.type.empty()) return std::unexpected(ValueError::kMalformed);
  return fb;
}

std::string RtcpFb::text() const {
  std::string out = payload_type ? fmt::format("{}", payload_type->value) : std::string("*");
  out.append(1, ' ').append(feedback.type);
  if (!feedback.parameter.empty()) out.append(1, ' ').append(feedback.parameter);
  return out;
}

std::vector<Codec> codecs(const Media& media) {
  if (!media.uses_rtp()) return {};
  CodecTable table(media);
  for (const Line& line : media.lines) table.take(line);
  return table.finish();
}

void add_codec(Media& media, const Codec& codec) {
  media.formats.push_back(fmt::format("{}", codec.payload_type.value));
  add(media, Rtpmap{codec.payload_type, codec.name, codec.clock_rate, codec.channels});
  for (const Feedback& feedback : codec.feedback) add(media, RtcpFb{codec.payload_type, feedback});
  if (!codec.parameters.empty()) add(media, Fmtp{codec.payload_type, codec.parameters});
}

}  // namespace beeline::sdp
