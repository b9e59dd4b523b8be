// The BIO through which OpenSSL's DTLS reads and writes whole datagrams. OpenSSL 3.0 has none that
// does without a socket: BIO_s_mem joins datagrams, BIO_s_dgram_mem came with 3.2. For .cc files of
// this module; OpenSSL's types are only named here.
#pragma once

#include <cstddef>
#include <functional>

#include "beeline/base/bytes.h"

struct bio_st;  // OpenSSL's BIO

namespace beeline::dtls {

// The other end of the BIO.
struct DatagramPipe {
  Bytes input;             // borrowed; empty when there is none or it was read
  std::size_t mtu = 1200;  // of what is written, in bytes
  std::function<void(Bytes)> output;
  // OpenSSL's own retransmission deadline: a timeval inside its state that it hands to the BIO. It
  // counts on the wall clock, which no core may do, so the BIO moves it out of reach each time it
  // is set, and expire() pulls it near when the session's timer says so. OpenSSL 3.2 and later hand
  // out a copy; there expire() does nothing.
  void* deadline = nullptr;

  // Makes the next DTLSv1_handle_timeout() retransmit, where OpenSSL has something to retransmit.
  void expire();
};

// A new BIO over `pipe`, which is borrowed and must outlive it.
bio_st* make_datagram_bio(DatagramPipe& pipe);

}  // namespace beeline::dtls
