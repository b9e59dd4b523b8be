#include "beeline/crypto/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>

#include <fmt/format.h>

#include "beeline/crypto/blank_certificate.h"

namespace beeline::crypto {
namespace {

template <auto free_function>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using OwnedBio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using OwnedKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using OwnedX509 = std::unique_ptr<X509, Freed<X509_free>>;
using OwnedExtension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using OwnedNames = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

OwnedBio bio_over(std::string_view text) {
  return OwnedBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

KeyPair to_pem(X509* certificate, EVP_PKEY* key) {
  const OwnedBio certificate_out(BIO_new(BIO_s_mem()));
  const OwnedBio key_out(BIO_new(BIO_s_mem()));
  ensure(PEM_write_bio_X509(certificate_out.get(), certificate) == 1, "write certificate");
  ensure(PEM_write_bio_PrivateKey(key_out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "write key");
  return {text_of(certificate_out.get()), text_of(key_out.get())};
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const OwnedExtension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  ensure(extension != nullptr, "certificate extension");
  X509_add_ext(certificate, extension.get(), -1);
}

std::string alternative_names(const SubjectNames& names) {
  std::string text;
  for (const auto& name : names.dns_names)
    text += fmt::format("{}DNS:{}", text.empty() ? "" : ",", name);
  for (const auto& ip : names.addresses)
    text += fmt::format("{}IP:{}", text.empty() ? "" : ",", ip.to_string());
  return text;
}

std::optional<WallTime> to_wall_time(const ASN1_TIME* time) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return std::nullopt;
  return WallTime{std::chrono::seconds(timegm(&broken_down))};
}

SubjectNames names_of(X509* certificate) {
  SubjectNames result;
  const OwnedNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return result;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    const ASN1_STRING* text = name->d.ia5;
    const Bytes bytes(ASN1_STRING_get0_data(text),
                      static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (name->type == GEN_DNS) result.dns_names.emplace_back(as_text(bytes));
    if (name->type == GEN_IPADD)
      if (const auto ip = IpAddress::from_bytes(bytes)) result.addresses.push_back(*ip);
  }
  return result;
}

}  // namespace

X509* blank_certificate(std::string_view common_name, EVP_PKEY* key, WallTime now,
                        std::chrono::days lifetime) {
  OwnedX509 certificate(X509_new());
  X509_set_version(certificate.get(), 2);  // "2" is X.509 version 3
  std::array<std::uint8_t, 16> serial{};
  ensure(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1, "randomness");
  serial[0] &= 0x7F;  // RFC 5280 §4.1.2.2: positive
  serial[0] |= 0x40;
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  const auto start = static_cast<std::time_t>((now.since_epoch - std::chrono::days(1)).count());
  const auto end = static_cast<std::time_t>((now.since_epoch + lifetime).count());
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), start);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), end);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  return certificate.release();
}

KeyPair make_authority(std::string_view common_name, WallTime now, std::chrono::days lifetime) {
  const OwnedKey key(EVP_EC_gen("P-256"));
  const OwnedX509 certificate(blank_certificate(common_name, key.get(), now, lifetime));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints,
                "critical,CA:TRUE,pathlen:0");
  add_extension(certificate.get(), certificate.get(), NID_key_usage,
                "critical,keyCertSign,cRLSign");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  ensure(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "sign");
  return to_pem(certificate.get(), key.get());
}

std::expected<KeyPair, CertificateError> make_server_certificate(const KeyPair& authority,
                                                                 const SubjectNames& names,
                                                                 WallTime now,
                                                                 std::chrono::days lifetime) {
  const OwnedX509 issuer(
      PEM_read_bio_X509(bio_over(authority.certificate_pem).get(), nullptr, nullptr, nullptr));
  const OwnedKey issuer_key(PEM_read_bio_PrivateKey(bio_over(authority.private_key_pem).get(),
                                                    nullptr, nullptr, nullptr));
  if (!issuer || !issuer_key) return std::unexpected(CertificateError::kUnreadable);
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1)
    return std::unexpected(CertificateError::kKeyMismatch);
  const OwnedKey key(EVP_EC_gen("P-256"));
  const std::string common_name =
      names.dns_names.empty() ? std::string("Beeline") : names.dns_names.front();
  const OwnedX509 certificate(blank_certificate(common_name, key.get(), now, lifetime));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
  add_extension(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid:always");
  add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, alternative_names(names));
  ensure(X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) > 0, "sign");
  return to_pem(certificate.get(), key.get());
}

std::expected<CertificateSummary, CertificateError> summarize(std::string_view certificate_pem) {
  const OwnedX509 certificate(
      PEM_read_bio_X509(bio_over(certificate_pem).get(), nullptr, nullptr, nullptr));
  if (!certificate) return std::unexpected(CertificateError::kUnreadable);
  CertificateSummary summary;
  const OwnedBio subject(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(subject.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
  summary.subject = text_of(subject.get());
  summary.names = names_of(certificate.get());
  const auto expires = to_wall_time(X509_get0_notAfter(certificate.get()));
  if (!expires) return std::unexpected(CertificateError::kUnreadable);
  summary.expires = *expires;
  std::array<std::uint8_t, 32> digest{};
  ensure(X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr) == 1, "digest");
  for (const std::uint8_t byte : digest)
    summary.sha256_fingerprint +=
        fmt::format("{}{:02X}", summary.sha256_fingerprint.empty() ? "" : ":", byte);
  return summary;
}

}  // namespace beeline::crypto
