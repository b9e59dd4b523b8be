// See lab.h.
#include "tests/lab/lab.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "beeline/stun/attributes.h"
#include "beeline/stun/integrity.h"
#include "beeline/turn/credentials.h"

namespace beeline::lab {
namespace {

bool readable(int fd, std::chrono::milliseconds wait) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(wait.count())) == 1;
}

void command(const std::string& line) {
  if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: " + line);
}

std::optional<Heard> parse_frame(Bytes frame) {
  if (frame.empty()) return std::nullopt;
  const bool v4 = frame[0] >> 4 == 4;
  const std::size_t header = v4 ? (frame[0] & 0xFU) * 4 : 40;
  const std::size_t protocol_at = v4 ? 9 : 6;
  if (frame.size() < header + 8 || frame[protocol_at] != IPPROTO_UDP) return std::nullopt;
  const auto from = IpAddress::from_bytes(v4 ? frame.subspan(12, 4) : frame.subspan(8, 16));
  const auto to = IpAddress::from_bytes(v4 ? frame.subspan(16, 4) : frame.subspan(24, 16));
  ByteReader udp(frame.subspan(header));
  const Port source{udp.u16()};
  const Port destination{udp.u16()};
  udp.skip(4);
  return Heard{{*from, source}, {*to, destination}, std::string(as_text(udp.take_rest()))};
}

}  // namespace

std::optional<std::string> enter_namespace(const std::vector<std::string>& addresses) {
  if (::unshare(CLONE_NEWNET) != 0)
    return fmt::format("a network namespace needs root: {}", std::strerror(errno));
  try {
    command(
        "ip link set lo up && ip link add lab0 arp off type veth peer name lab1 && ip link set "
        "lab0 up && ip link set lab1 up");
    for (const auto& address : addresses)
      command(fmt::format("ip addr add {} dev lab0{}", address,
                          address.find(':') == std::string::npos ? "" : " nodad"));
    command("ip route add default dev lab0 && ip -6 route add default dev lab0");
  } catch (const std::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

ServerProcess::ServerProcess(const std::vector<std::string>& flags) {
  std::string pattern = (std::filesystem::temp_directory_path() / "beeline-lab-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  folder_ = pattern;
  std::ofstream(folder_ + "/turn-secret") << kSecret;
  const char* binary = std::getenv("BEELINE_BIN");
  if (binary == nullptr) throw std::runtime_error("BEELINE_BIN names no server binary");
  std::array<int, 2> output{};
  if (::pipe(output.data()) != 0) throw std::runtime_error("no pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // also when this test is killed
    ::dup2(output[1], STDOUT_FILENO);
    std::vector<std::string> words{binary,  "serve",      "--json", "--log-level",
                                   "error", "--data-dir", folder_};
    words.insert(words.end(), flags.begin(), flags.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(binary, arguments.data());
    ::_exit(127);
  }
  ::close(output[1]);
  const net::FileDescriptor from_server(output[0]);
  for (char c = 0; c != '\n' && readable(from_server.get(), std::chrono::seconds(20)) &&
                   ::read(from_server.get(), &c, 1) == 1;)
    ready_ += c;
  if (ready_.find("\"ready\"") == std::string::npos)
    throw std::runtime_error("the server did not start");
}

ServerProcess::~ServerProcess() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool ServerProcess::running() const {
  return ::waitpid(pid_, nullptr, WNOHANG) == 0;
}

namespace {

// The program in a process that dies with this one.
pid_t spawn(std::vector<std::string> words) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(nothing, STDERR_FILENO);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

bool CoturnProcess::installed() {
  return std::filesystem::exists("/usr/bin/turnserver");
}

CoturnProcess::CoturnProcess(const TransportAddress& address)
    : pid_(spawn({"turnserver",
                  "-n",
                  "--no-cli",
                  "--no-tls",
                  "--no-dtls",
                  "--no-tcp",
                  "--use-auth-secret",
                  std::string("--static-auth-secret=") + ServerProcess::kSecret,
                  "-r",
                  "beeline",
                  "-L",
                  address.ip.to_string(),
                  "-E",
                  address.ip.to_string(),
                  "-p",
                  std::to_string(address.port.value),
                  "-m",
                  "1",
                  "--pidfile",
                  "/dev/null",
                  "--log-file",
                  "/dev/null"})) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (TurnClient(address, address.ip).binding_answer_size() == 0)
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("no answer of coturn");
}

CoturnProcess::~CoturnProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::size_t resident_kib(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::size_t kib = 0;
      status >> kib;
      return kib;
    }
  throw std::runtime_error("no such process");
}

Ears::Ears() : socket_(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
  if (socket_.get() < 0) throw std::runtime_error("no packet socket");
}

std::vector<Heard> Ears::listen(std::chrono::milliseconds quiet) {
  std::vector<Heard> all;
  while (readable(socket_.get(), quiet)) {
    std::array<std::uint8_t, 4096> frame{};
    sockaddr_ll link{};
    socklen_t size = sizeof link;
    const ssize_t count = ::recvfrom(socket_.get(), frame.data(), frame.size(), 0,
                                     reinterpret_cast<sockaddr*>(&link), &size);
    if (count <= 0 || link.sll_pkttype != PACKET_OUTGOING) continue;
    if (auto heard = parse_frame(Bytes(frame).first(static_cast<std::size_t>(count))))
      all.push_back(std::move(*heard));
  }
  return all;
}

Spoofer::Spoofer(const TransportAddress& target)
    : target_(target), socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)) {
  if (socket_.get() < 0) throw std::runtime_error("no packet socket");
  // What lab1 sends arrives on lab0.
  interface_ = static_cast<int>(::if_nametoindex("lab1"));
  ifreq wanted{};
  std::strcpy(wanted.ifr_name, "lab0");
  if (::ioctl(socket_.get(), SIOCGIFHWADDR, &wanted) != 0)
    throw std::runtime_error("lab0 has no hardware address");
  std::copy_n(reinterpret_cast<const std::uint8_t*>(wanted.ifr_hwaddr.sa_data), 6,
              ethernet_.begin());
  ByteWriter(MutableBytes(ethernet_).subspan(12)).u16(ETH_P_IP);
}

void Spoofer::send(const std::vector<TransportAddress>& sources, Bytes payload) {
  const std::size_t count = sources.size();
  std::vector<std::array<std::uint8_t, 256>> frames(count);
  std::vector<iovec> parts(count);
  std::vector<mmsghdr> headers(count);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = interface_;
  to.sll_halen = 6;
  for (std::size_t i = 0; i < count; ++i) {
    ByteWriter writer(frames[i]);
    writer.append(ethernet_);
    std::uint32_t sum = 0;
    const auto put = [&](std::uint16_t word) {
      sum += word;
      writer.u16(word);
    };
    const auto put_ip = [&](const IpAddress& ip) {
      put(static_cast<std::uint16_t>(ip.v4_value() >> 16));
      put(static_cast<std::uint16_t>(ip.v4_value() & 0xFFFF));
    };
    put(0x4500);
    put(static_cast<std::uint16_t>(28 + payload.size()));
    put(0);
    put(0);
    put(0x4000 | IPPROTO_UDP);
    writer.u16(0);  // the checksum, below
    put_ip(sources[i].ip);
    put_ip(target_.ip);
    while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
    writer.patch_u16(24, static_cast<std::uint16_t>(~sum));
    writer.u16(sources[i].port.value);
    writer.u16(target_.port.value);
    writer.u16(static_cast<std::uint16_t>(8 + payload.size()));
    writer.u16(0);  // no UDP checksum: IPv4 allows it
    writer.append(payload);
    parts[i] = {frames[i].data(), writer.size()};
    headers[i].msg_hdr = {&to, sizeof to, &parts[i], 1, nullptr, 0, 0};
  }
  for (std::size_t sent = 0; sent < count;) {
    const int result =
        ::sendmmsg(socket_.get(), headers.data() + sent, static_cast<unsigned>(count - sent), 0);
    if (result <= 0) throw std::runtime_error("spoofed packets cannot be sent");
    sent += static_cast<std::size_t>(result);
  }
}

TurnClient::TurnClient(const TransportAddress& server, const IpAddress& local)
    : server_(server),
      socket_(::socket(local.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const net::SocketAddress from({local, Port{0}});
  const net::SocketAddress to(server);
  if (::bind(socket_.get(), from.get(), from.size()) != 0 ||
      ::connect(socket_.get(), to.get(), to.size()) != 0)
    throw std::runtime_error("the client's socket cannot be bound");
}

void TurnClient::send_raw(Bytes bytes) {
  (void)::send(socket_.get(), bytes.data(), bytes.size(), 0);
}

std::string TurnClient::receive(std::chrono::milliseconds wait) {
  std::string bytes(2048, '\0');
  if (!readable(socket_.get(), wait)) return {};
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

// Sends a request and returns the answer to it; empty where none came.
template <typename Fill>
std::string TurnClient::request(stun::Method method, bool authenticated, Fill fill) {
  stun::TransactionId id{};
  ByteWriter(id).u64(next_transaction_++);
  std::array<std::uint8_t, 1024> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kRequest, method, id);
  fill(writer);
  if (authenticated) {
    writer.add(stun::AttributeType::kUsername, as_bytes(username_));
    writer.add(stun::AttributeType::kRealm, as_bytes(realm_));
    writer.add(stun::AttributeType::kNonce, as_bytes(nonce_));
    stun::add_integrity(writer, key_.bytes());
  }
  send_raw(writer.bytes());
  for (;;) {
    std::string answer = receive(std::chrono::seconds(1));
    const auto message = stun::Message::parse(as_bytes(answer));
    if (answer.empty() || (message && message->transaction_id() == id)) return answer;
  }
}

namespace {
int code_of(const std::string& answer) {
  const auto message = stun::Message::parse(as_bytes(answer));
  if (!message) return -1;
  if (message->message_class() == stun::Class::kSuccess) return 0;
  const auto attribute = message->find(stun::AttributeType::kErrorCode);
  const auto error = attribute ? stun::read_error_code(attribute->value) : std::nullopt;
  return error ? error->code : -1;
}
}  // namespace

bool TurnClient::allocate(IpFamily family) {
  const auto fill = [family](stun::MessageWriter& writer) {
    stun::add_requested_transport(writer, stun::kProtocolUdp);
    if (family == IpFamily::kV6)
      stun::add_address_family(writer, stun::AttributeType::kRequestedAddressFamily, family);
  };
  const std::string challenge = request(stun::Method::kAllocate, false, fill);
  const auto asked = stun::Message::parse(as_bytes(challenge));
  if (code_of(challenge) != 401) return false;
  realm_ = as_text(asked->find(stun::AttributeType::kRealm)->value);
  nonce_ = as_text(asked->find(stun::AttributeType::kNonce)->value);
  username_ = "2147000000:lab";  // January 2038: coturn reads 31 bits
  key_ = stun::long_term_key(stun::PasswordAlgorithm::kMd5, username_, realm_,
                             turn::password_for(ServerProcess::kSecret, username_));
  const std::string answer = request(stun::Method::kAllocate, true, fill);
  if (code_of(answer) != 0) return false;
  const auto message = stun::Message::parse(as_bytes(answer));
  relayed_ = *stun::read_xor_address(message->find(stun::AttributeType::kXorRelayedAddress)->value,
                                     message->transaction_id());
  return true;
}

int TurnClient::refresh() {
  return code_of(request(stun::Method::kRefresh, true, [](stun::MessageWriter&) {}));
}

std::size_t TurnClient::binding_answer_size() {
  return request(stun::Method::kBinding, false, [](stun::MessageWriter&) {}).size();
}

int TurnClient::create_permission(const TransportAddress& peer) {
  return code_of(request(stun::Method::kCreatePermission, true, [&](stun::MessageWriter& writer) {
    stun::add_xor_address(writer, stun::AttributeType::kXorPeerAddress, peer);
  }));
}

int TurnClient::bind_channel(std::uint16_t channel, const TransportAddress& peer) {
  return code_of(request(stun::Method::kChannelBind, true, [&](stun::MessageWriter& writer) {
    stun::add_channel_number(writer, stun::ChannelNumber{channel});
    stun::add_xor_address(writer, stun::AttributeType::kXorPeerAddress, peer);
  }));
}

void TurnClient::send_indication(const TransportAddress& peer, std::string_view data) {
  stun::TransactionId id{};
  ByteWriter(id).u64(next_transaction_++);
  std::array<std::uint8_t, 512> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kIndication, stun::Method::kSend, id);
  stun::add_xor_address(writer, stun::AttributeType::kXorPeerAddress, peer);
  writer.add(stun::AttributeType::kData, as_bytes(data));
  send_raw(writer.bytes());
}

void TurnClient::channel_data(std::uint16_t channel, std::string_view data) {
  std::array<std::uint8_t, 512> buffer{};
  ByteWriter writer(buffer);
  writer.u16(channel);
  writer.u16(static_cast<std::uint16_t>(data.size()));
  writer.append(as_bytes(data));
  send_raw(writer.written());
}

}  // namespace beeline::lab
