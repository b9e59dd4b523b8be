// One measurement of one TURN server: starts it in a network namespace of its own, makes
// allocations, relays packets both ways, and prints what that cost the server's process as one JSON
// object.
//
//   turn_user_load ALLOCATIONS FLOWS PACKETS -- SERVER ARGUMENTS…
//
// The server must listen on 198.51.100.1:3478 with the secret "bench" and let 198.51.100.2 be a
// peer. CPU is user and system time of all threads of the server's process, in nanoseconds
// (schedstat; /proc/PID/stat has the same in ticks of 10 ms). Over veth the sender's system call
// also does the receiver's part of the kernel's work, so this holds the receive path of the load's
// sockets and not that of the server's: the same for every server.
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "beeline/net/socket_address.h"
#include "beeline/stun/attributes.h"
#include "beeline/stun/credentials.h"
#include "beeline/stun/integrity.h"
#include "beeline/turn/credentials.h"

namespace beeline::bench {
namespace {

using Clock = std::chrono::steady_clock;

const TransportAddress kServer{*IpAddress::parse("198.51.100.1"), Port{3478}};
const IpAddress kLoadIp = *IpAddress::parse("198.51.100.2");
constexpr std::string_view kSecret = "bench";
constexpr std::size_t kPayload = 160;  // an audio packet
constexpr std::size_t kBurst = 1;      // one packet per flow in turn, as audio has it
constexpr std::size_t kInFlight = 192;
constexpr std::size_t kGroup = 32;                      // allocations under way at once
constexpr auto kLost = std::chrono::milliseconds(200);  // nothing for this long: the rest is lost

void command(const std::string& line) {
  if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: " + line);
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof set, &set);  // with one processor there is nothing to pin to
}

// The server in its namespace, joined to ours by a veth pair. Ends with this object or this
// process.
class Server {
 public:
  explicit Server(char** arguments) {
    std::array<int, 2> ready{};
    std::array<int, 2> go{};
    if (::pipe(ready.data()) != 0 || ::pipe(go.data()) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      char byte = ::unshare(CLONE_NEWNET) == 0 ? 1 : 0;
      (void)!::write(ready[1], &byte, 1);
      if (::read(go[0], &byte, 1) != 1) ::_exit(127);
      pin_to(1);
      ::dup2(STDERR_FILENO, STDOUT_FILENO);
      ::execvp(arguments[0], arguments);
      ::_exit(127);
    }
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1 || byte == 0)
      throw std::runtime_error("a network namespace needs root");
    command(fmt::format(
        "ip link set lo up && ip link add l0 type veth peer name s0 netns {0} && ip addr add "
        "198.51.100.2/24 dev l0 && ip link set l0 up && nsenter -t {0} -n sh -c 'ip link set lo up "
        "&& ip addr add 198.51.100.1/24 dev s0 && ip link set s0 up'",
        pid_));
    (void)!::write(go[1], &byte, 1);
  }
  ~Server() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // User and system time so far.
  double cpu_seconds() const {
    double nanoseconds = 0;
    for (const auto& task :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid_))) {
      double running = 0;
      std::ifstream(task.path() / "schedstat") >> running;
      nanoseconds += running;
    }
    return nanoseconds / 1e9;
  }
  double resident_kib() const {
    std::ifstream file(fmt::format("/proc/{}/status", pid_));
    for (std::string word; file >> word;)
      if (word == "VmRSS:") {
        double kib = 0;
        file >> kib;
        return kib;
      }
    throw std::runtime_error("the server has ended");
  }

 private:
  pid_t pid_ = -1;
};

net::FileDescriptor udp_socket(const TransportAddress* connected) {
  net::FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const net::SocketAddress local({kLoadIp, Port{0}});
  if (::bind(socket.get(), local.get(), local.size()) != 0) throw std::runtime_error("no socket");
  if (connected == nullptr) return socket;
  const net::SocketAddress to(*connected);
  if (::connect(socket.get(), to.get(), to.size()) != 0) throw std::runtime_error("no server");
  return socket;
}

TransportAddress local_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  return *net::from_sockaddr(reinterpret_cast<const sockaddr&>(storage));
}

// One client with an allocation and a channel to one peer.
struct Flow {
  net::FileDescriptor client = udp_socket(&kServer);
  net::FileDescriptor peer;
  std::string username;
  std::string realm;
  std::string nonce;
  stun::LongTermKey key;
  bool answered = false;
};

using Build = std::function<void(const Flow&, stun::MessageWriter&)>;
using Accept = std::function<void(Flow&, const stun::Message&)>;

void send_request(const Flow& flow, stun::Method method, std::uint64_t id, const Build& build) {
  stun::TransactionId transaction{};
  ByteWriter(transaction).u64(id);
  std::array<std::uint8_t, 1024> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kRequest, method, transaction);
  build(flow, writer);
  if (!flow.nonce.empty()) {
    writer.add(stun::AttributeType::kUsername, as_bytes(flow.username));
    writer.add(stun::AttributeType::kRealm, as_bytes(flow.realm));
    writer.add(stun::AttributeType::kNonce, as_bytes(flow.nonce));
    stun::add_integrity(writer, flow.key.bytes());
  }
  (void)!::send(flow.client.get(), writer.bytes().data(), writer.bytes().size(), 0);
}

// One request of each flow, all under way at once, sent again where no answer comes.
void exchange(std::span<Flow> flows, stun::Method method, const Build& build,
              const Accept& accept) {
  static std::uint64_t next_id = 1;
  for (Flow& flow : flows) flow.answered = false;
  for (int attempt = 0; attempt < 20; ++attempt) {
    const std::uint64_t first = next_id;
    next_id += flows.size();
    for (std::size_t i = 0; i < flows.size(); ++i)
      if (!flows[i].answered) send_request(flows[i], method, first + i, build);
    bool all = true;
    for (Flow& flow : flows) {
      pollfd entry{flow.client.get(), POLLIN, 0};
      while (!flow.answered && ::poll(&entry, 1, 500) == 1) {
        std::array<std::uint8_t, 2048> buffer{};
        const ssize_t size = ::recv(flow.client.get(), buffer.data(), buffer.size(), 0);
        const auto message = stun::Message::parse(
            Bytes(buffer).first(size > 0 ? static_cast<std::size_t>(size) : 0));
        if (!message || ByteReader(message->transaction_id()).u64() < first) continue;
        accept(flow, *message);
        flow.answered = true;
      }
      all = all && flow.answered;
    }
    if (all) return;
  }
  throw std::runtime_error("the server does not answer");
}

void expect_success(const stun::Message& message) {
  if (message.message_class() != stun::Class::kSuccess)
    throw std::runtime_error("a request was refused");
}

void allocate_and_bind(std::span<Flow> flows) {
  const auto transport = [](const Flow&, stun::MessageWriter& writer) {
    stun::add_requested_transport(writer, stun::kProtocolUdp);
  };
  exchange(flows, stun::Method::kAllocate, transport, [](Flow& flow, const stun::Message& message) {
    flow.realm = as_text(message.find(stun::AttributeType::kRealm)->value);
    flow.nonce = as_text(message.find(stun::AttributeType::kNonce)->value);
    flow.username = "2147000000:bench";  // January 2038: coturn reads 31 bits
    flow.key = stun::long_term_key(stun::PasswordAlgorithm::kMd5, flow.username, flow.realm,
                                   turn::password_for(kSecret, flow.username));
  });
  exchange(flows, stun::Method::kAllocate, transport, [](Flow& flow, const stun::Message& message) {
    expect_success(message);
    const auto relayed = stun::read_xor_address(
        message.find(stun::AttributeType::kXorRelayedAddress)->value, message.transaction_id());
    flow.peer = udp_socket(&*relayed);
  });
  exchange(
      flows, stun::Method::kChannelBind,
      [](const Flow& flow, stun::MessageWriter& writer) {
        stun::add_channel_number(writer, stun::ChannelNumber{0x4000});
        stun::add_xor_address(writer, stun::AttributeType::kXorPeerAddress,
                              local_of(flow.peer.get()));
      },
      [](Flow&, const stun::Message& message) { expect_success(message); });
}

constexpr std::size_t kBatch = 32;

// Reads what has arrived and returns how many datagrams that were.
std::size_t read_all(int fd) {
  static std::array<std::array<std::uint8_t, 2048>, kBatch> buffers;
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> headers{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts[i] = {buffers[i].data(), buffers[i].size()};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = ::recvmmsg(fd, headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void send_burst(int fd, Bytes datagram) {
  std::array<iovec, kBurst> parts{};
  std::array<mmsghdr, kBurst> headers{};
  for (std::size_t i = 0; i < kBurst; ++i) {
    parts[i] = {const_cast<std::uint8_t*>(datagram.data()), datagram.size()};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  (void)!::sendmmsg(fd, headers.data(), kBurst, 0);
}

struct Relayed {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
};

// Closed loop until `wanted` packets were delivered: at most kInFlight on their way; what does not
// come in time is lost.
Relayed relay(std::span<Flow> flows, bool up, std::uint64_t wanted) {
  std::array<std::uint8_t, 4 + kPayload> frame{0x40, 0x00, 0, kPayload};
  const Bytes datagram = up ? Bytes(frame) : Bytes(frame).subspan(4);
  Relayed relayed;
  std::size_t in_flight = 0;
  std::size_t next = 0;
  const auto give_up = Clock::now() + std::chrono::seconds(100);
  auto last = Clock::now();
  while (relayed.delivered < wanted || in_flight > 0) {
    for (; in_flight + kBurst <= kInFlight && relayed.delivered < wanted; in_flight += kBurst) {
      const Flow& flow = flows[next++ % flows.size()];
      send_burst((up ? flow.client : flow.peer).get(), datagram);
      relayed.sent += kBurst;
    }
    std::size_t arrived = 0;
    for (const Flow& flow : flows) arrived += read_all((up ? flow.peer : flow.client).get());
    relayed.delivered += arrived;
    in_flight -= std::min(in_flight, arrived);
    const auto now = Clock::now();
    if (now > give_up) throw std::runtime_error("too few packets are delivered");
    if (arrived > 0) last = now;
    if (now - last > kLost) {
      in_flight = 0;
      last = now;
    }
  }
  return relayed;
}

struct Result {
  double cpu_per_packet_us = 0;
  double loss = 0;
  double kilopackets_per_second = 0;
};

Result measure(const Server& server, std::span<Flow> flows, bool up, std::uint64_t packets) {
  relay(flows, up, packets / 10);  // warm
  const double before = server.cpu_seconds();
  const auto started = Clock::now();
  const Relayed relayed = relay(flows, up, packets);
  const double cpu = server.cpu_seconds() - before;
  const std::chrono::duration<double> took = Clock::now() - started;
  const auto delivered = static_cast<double>(relayed.delivered);
  return {cpu / delivered * 1e6, 1 - delivered / static_cast<double>(relayed.sent),
          delivered / took.count() / 1000};
}

void wait_until_it_answers(std::span<Flow> one) {
  const auto nothing = [](const Flow&, stun::MessageWriter&) {};
  exchange(one, stun::Method::kBinding, nothing, [](Flow&, const stun::Message&) {});
}

int run(std::size_t allocations, std::size_t flow_count, std::uint64_t packets,
        char** server_arguments) {
  ::setpriority(PRIO_PROCESS, 0,
                -15);  // both: other work on the machine costs us time, not results
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (::unshare(CLONE_NEWNET) != 0) throw std::runtime_error("a network namespace needs root");
  const Server server(server_arguments);
  pin_to(0);
  std::vector<Flow> flows(1);
  wait_until_it_answers(flows);
  flows = std::vector<Flow>(flow_count);
  allocate_and_bind(flows);
  const Result up = measure(server, flows, true, packets);
  const Result down = measure(server, flows, false, packets);
  // After the packets, so that what the server keeps for packets is there already.
  std::vector<Flow> many(allocations);
  const double kib_before = server.resident_kib();
  const double cpu_before = server.cpu_seconds();
  for (std::size_t first = 0; first < many.size(); first += kGroup)
    allocate_and_bind(std::span(many).subspan(first, std::min(kGroup, many.size() - first)));
  const double cpu = server.cpu_seconds() - cpu_before;
  const double kib = server.resident_kib() - kib_before;
  const auto count = static_cast<double>(allocations);
  fmt::print(
      "{{\"up_cpu_us\":{:.3f},\"down_cpu_us\":{:.3f},\"up_kpps\":{:.1f},\"down_kpps\":{:.1f},"
      "\"up_loss\":{:.5f},\"down_loss\":{:.5f},\"allocate_cpu_us\":{:.2f},\"allocation_kib\":{:.3f}"
      "}}\n",
      up.cpu_per_packet_us, down.cpu_per_packet_us, up.kilopackets_per_second,
      down.kilopackets_per_second, up.loss, down.loss, cpu / count * 1e6, kib / count);
  return 0;
}

}  // namespace
}  // namespace beeline::bench

int main(int argc, char** argv) {
  if (argc < 6 || std::string_view(argv[4]) != "--") {
    fmt::print(stderr, "usage: turn_user_load ALLOCATIONS FLOWS PACKETS -- SERVER ARGUMENTS…\n");
    return 2;
  }
  try {
    return beeline::bench::run(std::strtoul(argv[1], nullptr, 10),
                               std::strtoul(argv[2], nullptr, 10),
                               std::strtoul(argv[3], nullptr, 10), argv + 5);
  } catch (const std::exception& error) {
    fmt::print(stderr, "turn_user_load: {}\n", error.what());
    return 1;
  }
}
