// The data channels of beeline/beeline.h.
#include "beeline/api/c_handles.h"

namespace beeline::api {
namespace {

void set_events(const DataChannel& channel, const beeline_channel_events& events, void* user) {
  channel.on_open(nullptr);
  if (events.on_open != nullptr) channel.on_open([call = events.on_open, user] { call(user); });
  channel.on_close(nullptr);
  if (events.on_close != nullptr)
    channel.on_close([call = events.on_close, user](const Error& why) {
      call(user, static_cast<int>(why.reason));
    });
  channel.on_buffered_amount_low(nullptr);
  if (events.on_buffered_amount_low != nullptr)
    channel.on_buffered_amount_low([call = events.on_buffered_amount_low, user] { call(user); });
  channel.on_message(nullptr);
  if (events.on_message != nullptr)
    channel.on_message([call = events.on_message, user](const Message& message) {
      call(user, message.is_text() ? 1 : 0, message.bytes().data(), message.size());
    });
}

}  // namespace
}  // namespace beeline::api

using beeline::api::fenced_from_c;

extern "C" {

void beeline_channel_free(beeline_channel* channel) {
  if (channel == nullptr) return;
  fenced_from_c(0, [&] {
    beeline::api::set_events(channel->channel, {}, nullptr);
    channel->channel.close();
    return 0;
  });
  delete channel;
}

void beeline_channel_set_events(beeline_channel* channel, const beeline_channel_events* events,
                                void* user) {
  fenced_from_c(0, [&] {
    beeline::api::set_events(channel->channel, beeline::api::known_part(events), user);
    return 0;
  });
}

const char* beeline_channel_label(beeline_channel* channel) {
  return fenced_from_c<const char*>("", [&] {
    channel->returned = channel->channel.label();
    return channel->returned.c_str();
  });
}
int beeline_channel_state(const beeline_channel* channel) {
  return static_cast<int>(channel->channel.ready_state());
}
int32_t beeline_channel_id(const beeline_channel* channel) {
  const auto id = channel->channel.id();
  return id ? int32_t{*id} : -1;
}

int beeline_channel_send_text(beeline_channel* channel, const char* text, size_t size) {
  return fenced_from_c<int>(BEELINE_REASON_INTERNAL, [&] {
    return static_cast<int>(channel->channel.send(std::string_view(text, size)).error().reason);
  });
}
int beeline_channel_send_bytes(beeline_channel* channel, const void* bytes, size_t size) {
  return fenced_from_c<int>(BEELINE_REASON_INTERNAL, [&] {
    const std::span view(static_cast<const std::uint8_t*>(bytes), size);
    return static_cast<int>(channel->channel.send(view).error().reason);
  });
}

size_t beeline_channel_buffered_amount(const beeline_channel* channel) {
  return channel->channel.buffered_amount();
}
void beeline_channel_set_buffered_amount_low_threshold(beeline_channel* channel, size_t bytes) {
  fenced_from_c(0, [&] { return channel->channel.set_buffered_amount_low_threshold(bytes), 0; });
}
void beeline_channel_close(beeline_channel* channel) {
  fenced_from_c(0, [&] { return channel->channel.close(), 0; });
}

}  // extern "C"
