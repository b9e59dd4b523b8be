#include "beeline/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace beeline::crypto {
namespace {

struct DigestFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetched once and kept for the life of the process: EVP_sha1() and its like look their
// implementation up at each use, which costs more than hashing a STUN message.
const EVP_MD* fetched(const char* name) {
  const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
  ensure(algorithm != nullptr, "digest available");
  return algorithm;
}
const EVP_MD* md5_algorithm() {
  static const EVP_MD* const kAlgorithm = fetched("MD5");
  return kAlgorithm;
}
const EVP_MD* sha1_algorithm() {
  static const EVP_MD* const kAlgorithm = fetched("SHA1");
  return kAlgorithm;
}
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const kAlgorithm = fetched("SHA256");
  return kAlgorithm;
}

const EVP_MD* sha384_algorithm() {
  static const EVP_MD* const kAlgorithm = fetched("SHA384");
  return kAlgorithm;
}
const EVP_MD* sha512_algorithm() {
  static const EVP_MD* const kAlgorithm = fetched("SHA512");
  return kAlgorithm;
}

template <typename Out>
Out digest(const EVP_MD* algorithm, std::initializer_list<Bytes> parts) {
  Out out{};
  // One context per thread: making one costs more than hashing a STUN message.
  thread_local const std::unique_ptr<EVP_MD_CTX, DigestFree> context(EVP_MD_CTX_new());
  ensure(EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1, "digest available");
  for (const Bytes part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
  unsigned size = 0;
  ensure(EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1 && size == out.size(), "digest");
  return out;
}

// HMAC from two plain digests (RFC 2104 §2). OpenSSL 3's own HMAC fetches the algorithm and
// allocates at each call.
template <typename Out>
Out hmac(const EVP_MD* algorithm, Bytes key, std::initializer_list<Bytes> parts) {
  constexpr std::size_t kBlock = 64;
  std::array<std::uint8_t, kBlock> inner{};
  if (key.size() > kBlock) {
    const Out hashed = digest<Out>(algorithm, {key});
    std::copy(hashed.begin(), hashed.end(), inner.begin());
  } else {
    std::copy(key.begin(), key.end(), inner.begin());
  }
  std::array<std::uint8_t, kBlock> outer = inner;
  for (std::uint8_t& byte : inner) byte ^= 0x36;
  for (std::uint8_t& byte : outer) byte ^= 0x5C;

  thread_local const std::unique_ptr<EVP_MD_CTX, DigestFree> context(EVP_MD_CTX_new());
  ensure(EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1, "digest available");
  EVP_DigestUpdate(context.get(), inner.data(), inner.size());
  for (const Bytes part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
  Out middle{};
  ensure(EVP_DigestFinal_ex(context.get(), middle.data(), nullptr) == 1, "digest");
  return digest<Out>(algorithm, {Bytes(outer), Bytes(middle)});
}

}  // namespace

Md5 md5(std::initializer_list<Bytes> parts) {
  return digest<Md5>(md5_algorithm(), parts);
}
Sha1 sha1(std::initializer_list<Bytes> parts) {
  return digest<Sha1>(sha1_algorithm(), parts);
}
Sha256 sha256(std::initializer_list<Bytes> parts) {
  return digest<Sha256>(sha256_algorithm(), parts);
}
Sha384 sha384(std::initializer_list<Bytes> parts) {
  return digest<Sha384>(sha384_algorithm(), parts);
}
Sha512 sha512(std::initializer_list<Bytes> parts) {
  return digest<Sha512>(sha512_algorithm(), parts);
}

Sha1 hmac_sha1(Bytes key, std::initializer_list<Bytes> parts) {
  return hmac<Sha1>(sha1_algorithm(), key, parts);
}
Sha256 hmac_sha256(Bytes key, std::initializer_list<Bytes> parts) {
  return hmac<Sha256>(sha256_algorithm(), key, parts);
}

Sha256 pbkdf2_sha256(std::string_view password, Bytes salt, unsigned iterations) {
  Sha256 key{};
  ensure(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                           static_cast<int>(salt.size()), static_cast<int>(iterations),
                           sha256_algorithm(), static_cast<int>(key.size()), key.data()) == 1,
         "key derivation");
  return key;
}

bool equal_in_constant_time(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace beeline::crypto
