#include "bench/data/bare_dtls.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace beeline::bench {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("dtls_floor: ") + what);
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate certificate_over(EVP_PKEY* key) {
  Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("bench"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  check(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "no certificate");
  return certificate;
}

}  // namespace

DtlsSide make_side() {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate = certificate_over(key.get());
  DtlsSide side(SSL_CTX_new(DTLS_method()));
  SSL_CTX_set_min_proto_version(side.get(), DTLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(side.get(), DTLS1_2_VERSION);
  SSL_CTX_set_options(side.get(), SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(side.get(), SSL_SESS_CACHE_OFF);
  check(SSL_CTX_set_cipher_list(side.get(), "ECDHE-ECDSA-AES128-GCM-SHA256") == 1 &&
            SSL_CTX_set1_groups_list(side.get(), "X25519:P-256") == 1 &&
            SSL_CTX_use_certificate(side.get(), certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(side.get(), key.get()) == 1,
        "OpenSSL refuses its settings");
  SSL_CTX_set_verify(side.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(side.get(), [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  return side;
}

SocketPair::SocketPair() {
  sockaddr_in addresses[2]{};
  for (std::size_t i = 0; i < 2; ++i) {
    sockets_[i] = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    addresses[i].sin_family = AF_INET;
    addresses[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const address = reinterpret_cast<sockaddr*>(&addresses[i]);
    socklen_t size = sizeof addresses[i];
    check(::bind(sockets_[i], address, size) == 0, "no socket");
    ::getsockname(sockets_[i], address, &size);
    const int room = 4 * 1024 * 1024;
    ::setsockopt(sockets_[i], SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    ::setsockopt(sockets_[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  }
  for (std::size_t i = 0; i < 2; ++i)
    check(::connect(sockets_[i], reinterpret_cast<const sockaddr*>(&addresses[1 - i]),
                    sizeof addresses[0]) == 0,
          "not connected");
}

SocketPair::~SocketPair() {
  for (const int socket : sockets_) ::close(socket);
}

// The BIO between OpenSSL and the buffers of a BareDtls.
struct Datagrams {
  static BareDtls& of(BIO* bio) { return *static_cast<BareDtls*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* bytes, int size) {
    BareDtls& end = of(bio);
    end.out_.insert(end.out_.end(), bytes, bytes + size);
    end.sizes_.push_back(static_cast<std::size_t>(size));
    return size;
  }
  static int read(BIO* bio, char* into, int room) {
    BareDtls& end = of(bio);
    BIO_clear_retry_flags(bio);
    const auto size =
        std::min({end.segment_, end.in_size_ - end.in_read_, static_cast<std::size_t>(room)});
    if (size == 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    std::memcpy(into, end.in_.data() + end.in_read_, size);
    end.in_read_ += size;
    return static_cast<int>(size);
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO* make(BareDtls* end) {
    static BIO_METHOD* const kMethod = [] {
      BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bare");
      BIO_meth_set_write(method, &write);
      BIO_meth_set_read(method, &read);
      BIO_meth_set_ctrl(method, &control);
      return method;
    }();
    BIO* const bio = BIO_new(kMethod);
    BIO_set_data(bio, end);
    BIO_set_init(bio, 1);
    return bio;
  }
};

BareDtls::BareDtls(SSL_CTX* side, bool client, int socket, bool runs)
    : ssl_(SSL_new(side)), socket_(socket), runs_(runs), in_(65536) {
  if (runs) {
    const int on = 1;
    check(::setsockopt(socket, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0, "no UDP_GRO");
  }
  SSL_set_mtu(ssl_.get(), kDatagram);
  BIO* const bio = Datagrams::make(this);
  SSL_set_bio(ssl_.get(), bio, bio);
  client ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
}

bool BareDtls::handshake() {
  do {
    const int done = SSL_do_handshake(ssl_.get());
    const bool waits = done == 1 || SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ;
    check(waits, "the handshake failed");
    send();
    if (done == 1) return true;
  } while (receive(false));
  return false;
}

void BareDtls::write(std::span<const std::uint8_t, kContent> content) {
  check(SSL_write(ssl_.get(), content.data(), static_cast<int>(content.size())) > 0, "not written");
}

void BareDtls::send() {
  const bool one_size = std::ranges::all_of(sizes_, [](std::size_t s) { return s == kDatagram; });
  if (runs_ && one_size && sizes_.size() > 1) {
    iovec bytes{out_.data(), out_.size()};
    alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof(std::uint16_t))]{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const std::uint16_t segment = kDatagram;
    std::memcpy(CMSG_DATA(header), &segment, sizeof segment);
    check(::sendmsg(socket_, &message, 0) > 0, "not sent");
  } else {
    const std::uint8_t* next = out_.data();
    for (const std::size_t size : sizes_) {
      check(::send(socket_, next, size, 0) > 0, "not sent");
      next += size;
    }
  }
  out_.clear();
  sizes_.clear();
}

bool BareDtls::receive(bool wait) {
  if (wait) {
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, 1000) != 1) return false;
  }
  iovec bytes{in_.data(), in_.size()};
  alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (runs_) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }
  const ssize_t size = ::recvmsg(socket_, &message, 0);
  if (size <= 0) return false;
  in_size_ = segment_ = static_cast<std::size_t>(size);
  in_read_ = 0;
  if (const cmsghdr* const header = runs_ ? CMSG_FIRSTHDR(&message) : nullptr;
      header != nullptr && header->cmsg_type == UDP_GRO) {
    int segment = 0;
    std::memcpy(&segment, CMSG_DATA(header), sizeof segment);
    segment_ = static_cast<std::size_t>(segment);
  }
  return true;
}

std::size_t BareDtls::read(std::span<std::uint8_t> into) {
  const int size = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

}  // namespace beeline::bench
