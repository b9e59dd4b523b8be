#include "beeline/crypto/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "beeline/base/encoding.h"

namespace beeline::crypto {
namespace {

TEST(Digest, matches_the_published_vectors_for_abc) {
  const Bytes abc = as_bytes("abc");
  EXPECT_EQ(to_hex(md5({abc})), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(sha1({abc})), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha256({abc})),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha384({abc})),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(to_hex(sha512({abc})),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Digest, parts_are_the_same_as_the_whole) {
  EXPECT_EQ(sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}), sha256({as_bytes("abc")}));
}

TEST(Hmac, matches_rfc2202_and_rfc4231_case_2) {
  const Bytes key = as_bytes("Jefe");
  const Bytes text = as_bytes("what do ya want for nothing?");
  EXPECT_EQ(to_hex(hmac_sha1(key, {text})), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(to_hex(hmac_sha256(key, {text})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hmac, keys_longer_than_a_block_are_hashed_first) {
  // RFC 2202 case 6.
  const std::vector<std::uint8_t> key(80, 0xAA);
  EXPECT_EQ(
      to_hex(hmac_sha1(key, {as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")})),
      "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

// The parameters of RFC 6070, with SHA-256.
//= RFC 8018 §5.2 test
TEST(Pbkdf2, derives_what_others_derive) {
  EXPECT_EQ(to_hex(pbkdf2_sha256("password", as_bytes("salt"), 2)),
            "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43");
  EXPECT_EQ(to_hex(pbkdf2_sha256("", as_bytes("salt"), 1)),
            "f135c27993baf98773c5cdb40a5706ce6a345cde61b000a67858650cd6a324d7");
  EXPECT_EQ(to_hex(pbkdf2_sha256("passwordPASSWORDpassword",
                                 as_bytes("saltSALTsaltSALTsaltSALTsaltSALTsalt"), 4096)),
            "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1");
}

TEST(EqualInConstantTime, compares_content_and_size) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("some")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sam")));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

}  // namespace
}  // namespace beeline::crypto
