// No connection is made over an OpenSSL that one forged datagram brings to fall: rule D1. The
// program of this test has its own answer to which OpenSSL is loaded.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include "beeline/api/peer_connection.h"
#include "beeline/beeline.h"

namespace {
unsigned patch = 21;
}  // namespace

// Stands before the function of the library (openssl/crypto.h).
extern "C" unsigned OPENSSL_version_patch() {
  return patch;
}

namespace beeline {
namespace {

TEST(OldOpenssl, makes_no_connection_and_says_what_to_install) {
  patch = 21;
  boost::asio::io_context io;
  try {
    const PeerConnection peer(io);
    FAIL() << "it was made";
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(reason_of(error.code()), Reason::kOldOpenssl);
    const std::string said = error.what();
    EXPECT_TRUE(said.contains("OpenSSL 3.0.21")) << said;
    EXPECT_TRUE(said.contains("install libssl3 3.0.22-1~deb12u2 or later")) << said;
  }
  EXPECT_EQ(io.run(), 0U) << "nothing was begun";
}

TEST(OldOpenssl, is_told_to_c) {
  patch = 21;
  beeline_loop* loop = beeline_loop_new();
  int reason = BEELINE_OK;
  EXPECT_EQ(beeline_connection_new(loop, nullptr, &reason), nullptr);
  EXPECT_EQ(reason, BEELINE_REASON_OLD_OPENSSL);
  EXPECT_TRUE(std::string(beeline_reason_advice(reason)).contains("Install libssl3"));
  beeline_loop_free(loop);
}

TEST(OldOpenssl, is_what_keeps_it_from_being_made) {
  patch = 23;
  boost::asio::io_context io;
  EXPECT_NO_THROW(PeerConnection peer(io));
}

}  // namespace
}  // namespace beeline
