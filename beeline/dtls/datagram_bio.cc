#include "beeline/dtls/datagram_bio.h"

#include <openssl/bio.h>
#include <sys/time.h>

#include <algorithm>
#include <limits>

namespace beeline::dtls {
namespace {

// Far beyond any clock, and far enough from the end for OpenSSL to calculate with.
constexpr time_t kNever = std::numeric_limits<time_t>::max() / 4;

// IP and UDP headers are counted in nobody's MTU here: what we call MTU is a datagram's payload.
constexpr long kNoOverhead = 0;

DatagramPipe& pipe_of(BIO* bio) {
  return *static_cast<DatagramPipe*>(BIO_get_data(bio));
}

int write_datagram(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  pipe_of(bio).output(as_bytes({data, static_cast<std::size_t>(size)}));
  return size;
}

int read_datagram(BIO* bio, char* out, int room) {
  DatagramPipe& pipe = pipe_of(bio);
  BIO_clear_retry_flags(bio);
  if (pipe.input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // What does not fit is lost, as with a socket. OpenSSL's room is that of the largest record.
  const std::size_t size = std::min(pipe.input.size(), static_cast<std::size_t>(room));
  std::memcpy(out, pipe.input.data(), size);
  pipe.input = {};
  return static_cast<int>(size);
}

long control(BIO* bio, int command, long, void* pointer) {
  DatagramPipe& pipe = pipe_of(bio);
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return static_cast<long>(pipe.mtu);
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return kNoOverhead;
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT: {
      auto* const deadline = static_cast<timeval*>(pointer);
      pipe.deadline = deadline;
      // Zero means that no timer runs.
      if (deadline->tv_sec != 0 || deadline->tv_usec != 0)
        *deadline = {.tv_sec = kNever, .tv_usec = 0};
      return 1;
    }
    default:
      return 0;
  }
}

const BIO_METHOD* method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram");
    ensure(made != nullptr && BIO_meth_set_write(made, write_datagram) == 1 &&
               BIO_meth_set_read(made, read_datagram) == 1 && BIO_meth_set_ctrl(made, control) == 1,
           "BIO method");
    return made;
  }();
  return kMethod;
}

}  // namespace

void DatagramPipe::expire() {
  if (deadline == nullptr) return;
  auto* const at = static_cast<timeval*>(deadline);
  if (at->tv_sec == 0 && at->tv_usec == 0) return;
  *at = {.tv_sec = 0, .tv_usec = 1};
}

bio_st* make_datagram_bio(DatagramPipe& pipe) {
  BIO* bio = BIO_new(method());
  ensure(bio != nullptr, "BIO");
  BIO_set_data(bio, &pipe);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace beeline::dtls
