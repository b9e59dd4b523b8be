// Two peers in one C program exchange a message each.
#include <stdio.h>
#include "beeline/beeline.h"

static beeline_connection *alice, *bob;
static beeline_channel* theirs;
static int heard;

static void on_candidate(void* other, const beeline_ice_candidate* found) {
  beeline_connection_add_ice_candidate(*(beeline_connection**)other, found);
}
static void on_message(void* channel, int is_text, const void* bytes, size_t size) {
  printf("heard %s: %.*s\n", is_text ? "text" : "bytes", (int)size, (const char*)bytes);
  if (++heard == 1) beeline_channel_send_text(channel, "hello, alice", 12);
}
static void on_channel(void* user, beeline_channel* channel) {
  const beeline_channel_events events = {.size = sizeof events, .on_message = on_message};
  beeline_channel_set_events(channel, &events, channel), theirs = user ? channel : theirs;
}
static int describe(beeline_connection* from, beeline_connection* to, const char* type) {
  if (beeline_connection_set_local_description(from)) return 1;
  return beeline_connection_set_remote_description(to, type, beeline_connection_local_sdp(from));
}

int main(void) {
  beeline_loop* loop = beeline_loop_new();
  const beeline_configuration here = {.size = sizeof here, .loopback = 1};
  alice = beeline_connection_new(loop, &here, NULL), bob = beeline_connection_new(loop, &here, NULL);
  const beeline_connection_events events = {sizeof events, on_candidate, NULL, NULL, on_channel};
  beeline_connection_set_events(alice, &events, &bob);
  beeline_connection_set_events(bob, &events, &alice);
  beeline_channel* channel = beeline_connection_create_data_channel(alice, "chat", NULL, NULL);
  on_channel(NULL, channel);
  if (describe(alice, bob, "offer") || describe(bob, alice, "answer")) return 1;
  while (beeline_channel_state(channel) != BEELINE_CHANNEL_OPEN) beeline_run_once(loop, 1000);
  beeline_channel_send_text(channel, "hello, bob", 10);
  while (heard < 2) beeline_run_once(loop, 1000);
  beeline_channel_free(channel), beeline_channel_free(theirs), beeline_connection_free(alice);
  beeline_connection_free(bob), beeline_loop_free(loop);
}
