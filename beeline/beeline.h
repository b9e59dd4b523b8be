// Beeline in C: connections and data channels (W3C webrtc-pc) behind opaque handles. This interface
// is stable: names, numbers and layouts of one BEELINE_ABI never change, structures grow at their
// end only, which `size` tells apart.
//
// No threads: everything happens in whoever calls beeline_run_once(), callbacks included, and all
// calls for one loop come from one thread at a time; beeline_loop_wake() alone may come from any.
// A callback may call anything but beeline_run_once() and beeline_loop_free() of its loop, and may
// free what it is about; nothing is called for a handle after it was freed. Texts are UTF-8 and end
// with a zero byte. What a callback is given is valid until it returns; a text that a function
// returns, until the next call with the same handle. What takes a NULL says so.
//
// Functions that return int give 0 (BEELINE_OK) or a reason; beeline_reason_advice() has a sentence
// for each that says what to do.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BEELINE_ABI 1
// Of the library that runs, to be compared with BEELINE_ABI.
uint32_t beeline_abi_version(void);
const char* beeline_version(void);  // "0.1.0"

typedef struct beeline_loop beeline_loop;
typedef struct beeline_connection beeline_connection;
typedef struct beeline_channel beeline_channel;

// W3C RTCPeerConnectionState, RTCDataChannelState.
enum {
  BEELINE_NEW = 0,
  BEELINE_CONNECTING = 1,
  BEELINE_CONNECTED = 2,
  BEELINE_DISCONNECTED = 3,
  BEELINE_FAILED = 4,
  BEELINE_CLOSED = 5,
};
enum {
  BEELINE_CHANNEL_CONNECTING = 0,
  BEELINE_CHANNEL_OPEN = 1,
  BEELINE_CHANNEL_CLOSING = 2,
  BEELINE_CHANNEL_CLOSED = 3,
};

// Reasons; those of beeline/api/error.h, with its numbers.
enum {
  BEELINE_OK = 0,
  BEELINE_REASON_WRONG_STATE = 1,
  BEELINE_REASON_UNREADABLE_DESCRIPTION = 2,
  BEELINE_REASON_MODIFIED_DESCRIPTION = 3,
  BEELINE_REASON_SECTIONS_DO_NOT_MATCH = 4,
  BEELINE_REASON_NO_ICE_CREDENTIALS = 5,
  BEELINE_REASON_NO_FINGERPRINT = 6,
  BEELINE_REASON_NOTHING_TO_CONNECT = 7,
  BEELINE_REASON_UNREADABLE_CANDIDATE = 8,
  BEELINE_REASON_NO_REMOTE_DESCRIPTION = 9,
  BEELINE_REASON_BAD_ICE_SERVER = 10,
  BEELINE_REASON_NO_PATH = 20,
  BEELINE_REASON_FINGERPRINT_MISMATCH = 21,
  BEELINE_REASON_DTLS_FAILED = 22,
  BEELINE_REASON_CLOSED_BY_PEER = 23,
  BEELINE_REASON_PROTOCOL_VIOLATION = 24,
  BEELINE_REASON_CLOSED = 25,
  BEELINE_REASON_INTERNAL = 26,
  BEELINE_REASON_OLD_OPENSSL = 27,
  BEELINE_REASON_CHANNEL_NOT_OPEN = 40,
  BEELINE_REASON_CHANNEL_CLOSED = 41,
  BEELINE_REASON_CHANNEL_REFUSED = 42,
  BEELINE_REASON_MESSAGE_TOO_LONG = 43,
  BEELINE_REASON_SEND_QUEUE_FULL = 44,
  BEELINE_REASON_LABEL_TOO_LONG = 45,
  BEELINE_REASON_BAD_CHANNEL_INIT = 46,
  BEELINE_REASON_CHANNEL_ID_USED = 47,
  BEELINE_REASON_TOO_MANY_CHANNELS = 48,
};
const char* beeline_reason_name(int reason);    // "no_path"
const char* beeline_reason_advice(int reason);  // one or two sentences

// --- the loop ---

beeline_loop* beeline_loop_new(void);  // NULL where the system has no descriptors or memory left
// After its connections were freed. NULL does nothing.
void beeline_loop_free(beeline_loop* loop);
// Does what is to be done, and waits for it at most `timeout_ms` (0: not at all, negative: as long
// as it takes). 1 where something was done, 0 where not.
int beeline_run_once(beeline_loop* loop, int timeout_ms);
// Makes a beeline_run_once() that waits return soon. From any thread.
void beeline_loop_wake(beeline_loop* loop);

// --- connections ---

typedef struct beeline_ice_server {
  const char* url;         // "stun:…", "turn:…", "turns:…"
  const char* username;    // NULL for STUN
  const char* credential;  // the same
} beeline_ice_server;

// Begin with {.size = sizeof(beeline_configuration)}; a zero is the default.
typedef struct beeline_configuration {
  size_t size;
  const beeline_ice_server* ice_servers;
  size_t ice_server_count;
  int relay_only;           // iceTransportPolicy "relay"
  int hide_addresses;       // names of the local network instead (mDNS)
  int tcp_candidates;       // RFC 6544
  int loopback;             // 127.0.0.1 and ::1, too
  size_t max_message_size;  // bytes; default 262144
  size_t receive_window;    // bytes; default 16777216
} beeline_configuration;

// W3C RTCIceCandidate. An empty candidate: these were all.
typedef struct beeline_ice_candidate {
  const char* candidate;
  const char* sdp_mid;
  uint16_t sdp_m_line_index;
  const char* username_fragment;
} beeline_ice_candidate;

// Begin with {.size = sizeof(beeline_connection_events)}; any may be NULL.
typedef struct beeline_connection_events {
  size_t size;
  // To be carried to the other side's beeline_connection_add_ice_candidate().
  void (*on_ice_candidate)(void* user, const beeline_ice_candidate* candidate);
  void (*on_negotiation_needed)(void* user);
  void (*on_connection_state)(void* user, int state);
  // It is the application's from then on, to be freed with beeline_channel_free().
  void (*on_data_channel)(void* user, beeline_channel* channel);
} beeline_connection_events;

// `configuration` may be NULL. NULL where it cannot be used; `reason` (may be NULL) is told why.
beeline_connection* beeline_connection_new(beeline_loop* loop,
                                           const beeline_configuration* configuration, int* reason);
// Says goodbye. NULL does nothing.
void beeline_connection_free(beeline_connection* connection);
// Replaces those that were there; `events` NULL: none. The structure is copied.
void beeline_connection_set_events(beeline_connection* connection,
                                   const beeline_connection_events* events, void* user);
// Makes the offer or answer that comes next and applies it; it is to be carried to the other side.
int beeline_connection_set_local_description(beeline_connection* connection);
// `type`: "offer", "pranswer", "answer", "rollback".
int beeline_connection_set_remote_description(beeline_connection* connection, const char* type,
                                              const char* sdp);
// As it is now, with the candidates that were found so far; empty where there is none.
const char* beeline_connection_local_type(beeline_connection* connection);
const char* beeline_connection_local_sdp(beeline_connection* connection);
int beeline_connection_add_ice_candidate(beeline_connection* connection,
                                         const beeline_ice_candidate* candidate);
void beeline_connection_restart_ice(beeline_connection* connection);
void beeline_connection_close(beeline_connection* connection);
int beeline_connection_state(const beeline_connection* connection);
int beeline_connection_failure(const beeline_connection* connection);  // a reason
// More about the last reason that was not 0, in English; may be empty.
const char* beeline_connection_detail(beeline_connection* connection);
// Why the path is what it is, in a few sentences.
const char* beeline_connection_explain(beeline_connection* connection);

// --- data channels ---

// Begin with {.size = sizeof(beeline_channel_init), .max_packet_life_time_ms = -1,
// .max_retransmits = -1, .id = -1}.
typedef struct beeline_channel_init {
  size_t size;
  int unordered;
  int64_t max_packet_life_time_ms;  // -1: no limit
  int64_t max_retransmits;          // -1: no limit
  const char* protocol;             // NULL: none
  int32_t id;                       // -1: chosen; otherwise negotiated, and both sides create it
} beeline_channel_init;

typedef struct beeline_channel_events {
  size_t size;
  void (*on_open)(void* user);
  // Messages wait, and hold the other side back, while there is no on_message.
  void (*on_message)(void* user, int is_text, const void* bytes, size_t size);
  void (*on_close)(void* user, int reason);
  void (*on_buffered_amount_low)(void* user);
} beeline_channel_events;

// `init` may be NULL. NULL where it cannot be; beeline_connection_detail() and `reason` (may be
// NULL) say why.
beeline_channel* beeline_connection_create_data_channel(beeline_connection* connection,
                                                        const char* label,
                                                        const beeline_channel_init* init,
                                                        int* reason);
// Closes it where it is open. NULL does nothing.
void beeline_channel_free(beeline_channel* channel);
void beeline_channel_set_events(beeline_channel* channel, const beeline_channel_events* events,
                                void* user);
const char* beeline_channel_label(beeline_channel* channel);
int beeline_channel_state(const beeline_channel* channel);
int32_t beeline_channel_id(const beeline_channel* channel);  // -1: not known yet
// Copies. At most 16 MiB wait; look at beeline_channel_buffered_amount() to stay below.
int beeline_channel_send_text(beeline_channel* channel, const char* text, size_t size);
int beeline_channel_send_bytes(beeline_channel* channel, const void* bytes, size_t size);
size_t beeline_channel_buffered_amount(const beeline_channel* channel);  // bytes
void beeline_channel_set_buffered_amount_low_threshold(beeline_channel* channel, size_t bytes);
// What was sent is delivered still.
void beeline_channel_close(beeline_channel* channel);

#ifdef __cplusplus
}
#endif
