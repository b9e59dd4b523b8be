#include "beeline/doctor/examination.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "beeline/crypto/certificate.h"
#include "beeline/net/resolver.h"
#include "beeline/server/data_directory.h"

namespace beeline::doctor {
namespace {

using server::Finding;
using server::Health;
using Clock = std::chrono::steady_clock;
using Milliseconds = Connection::Milliseconds;

constexpr Milliseconds kWait(4000);
constexpr auto kExpiresSoon = std::chrono::days(14);
constexpr std::int64_t kClockToleranceMs = 60'000;

// "turn:host:3478?transport=udp" and its kin (RFC 7064, RFC 7065).
struct IceUrl {
  bool relay = false;
  Carrier carrier = Carrier::kUdp;
  std::string host;
  Port port;
};

std::optional<Port> parse_port(std::string_view text) {
  Port port;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port.value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// Host and port, the host without brackets; `otherwise` where no port is said.
std::optional<std::pair<std::string, Port>> split_host(std::string_view text, Port otherwise) {
  const bool bracketed = text.starts_with('[');
  const std::size_t host_end = bracketed ? text.find(']') : text.rfind(':');
  if (bracketed && host_end == std::string_view::npos) return std::nullopt;
  const std::string host(bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end));
  const std::size_t colon = bracketed ? host_end + 1 : host_end;
  if (host.empty()) return std::nullopt;
  if (colon >= text.size()) return std::pair(host, otherwise);
  const auto port = text[colon] == ':' ? parse_port(text.substr(colon + 1)) : std::nullopt;
  if (!port) return std::nullopt;
  return std::pair(host, *port);
}

std::optional<IceUrl> parse_ice_url(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = url.substr(0, colon);
  const std::size_t query = url.find('?');
  const bool tls = scheme == "turns" || scheme == "stuns";
  const auto place = split_host(url.substr(colon + 1, query - colon - 1),
                                Port{tls ? std::uint16_t{5349} : std::uint16_t{3478}});
  if (!place) return std::nullopt;
  const bool tcp = query != std::string_view::npos && url.substr(query) == "?transport=tcp";
  return IceUrl{scheme.starts_with("turn"),
                tls   ? Carrier::kTls
                : tcp ? Carrier::kTcp
                      : Carrier::kUdp,
                place->first, place->second};
}

// What opens a port, for the two firewalls people have.
std::string open_port(Carrier carrier, Port port) {
  return fmt::format("sudo ufw allow {}/{}   (and in the provider's firewall)", port.value,
                     carrier == Carrier::kUdp ? "udp" : "tcp");
}

std::string date(WallTime time) {
  return fmt::format("{:%Y-%m-%d}",
                     fmt::gmtime(static_cast<std::time_t>(time.since_epoch.count())));
}

class Visit {
 public:
  Visit(const Subject& subject, WallTime now, const Random& random, const Report& report)
      : subject_(subject),
        now_(now),
        random_(random.fork("doctor")),
        report_(report),
        trust_(std::make_shared<net::TlsClient>(subject.authority_pem)) {}

  void run();

 private:
  void good(std::string what, std::string text) {
    report_({Health::kGood, std::move(what), std::move(text), {}});
  }
  void warn(std::string what, std::string text, std::string remedy) {
    report_({Health::kWarning, std::move(what), std::move(text), std::move(remedy)});
  }
  void bad(std::string what, std::string text, std::string remedy) {
    report_({Health::kBad, std::move(what), std::move(text), std::move(remedy)});
  }

  bool resolve();
  std::unique_ptr<Connection> open_web();
  std::unique_ptr<Connection> distrust(const Connection::Failure& failure);
  void certificate(const std::string& pem);
  std::optional<Welcomed> join(Connection& connection);
  void clock(std::int64_t server_time_ms);
  void stun(const IceUrl& url);
  void relay(const IceUrl& url, const signaling::IceServer& server);
  void relayed_address(const TransportAddress& relayed);
  std::expected<std::unique_ptr<TurnProbe>, std::string> probe(const IceUrl& url);
  // A byte through two allocations; the first one's relayed address.
  std::expected<TransportAddress, std::string> round_trip(const IceUrl& url,
                                                          const signaling::IceServer& server);

  const Subject& subject_;
  WallTime now_;
  Random random_;
  const Report& report_;
  std::shared_ptr<net::TlsClient> trust_;
  std::vector<IpAddress> addresses_;
  bool relayed_address_told_ = false;
};

void Visit::run() {
  if (!resolve()) return;
  const auto connection = open_web();
  if (!connection) return;
  const auto welcomed = join(*connection);
  if (!welcomed) return;
  clock(welcomed->server_time_ms);
  bool any_relay = false;
  for (const signaling::IceServer& server : welcomed->ice)
    for (const std::string& text : server.urls) {
      const auto url = parse_ice_url(text);
      if (!url) {
        warn("ICE servers", fmt::format("\"{}\" is no address of a STUN or TURN server", text), {});
      } else if (url->relay) {
        any_relay = true;
        relay(*url, server);
      } else {
        stun(*url);
      }
    }
  leave(*connection, random_.fork("goodbye"));
  if (!any_relay)
    bad("relay", "members are told no TURN server: some pairs will not connect",
        "start the server without --no-turn");
}

bool Visit::resolve() {
  auto found = net::resolve(subject_.host);
  if (!found) {
    bad("name", fmt::format("{} has no address: {}", subject_.host, found.error()),
        "check the name, or add an A or AAAA record where the domain is managed");
    return false;
  }
  addresses_ = std::move(*found);
  std::string list;
  for (const IpAddress& ip : addresses_) list += (list.empty() ? "" : ", ") + ip.to_string();
  good("address", list);
  return true;
}

// Any of the addresses will do; the reasons of those that failed are told where none does.
std::unique_ptr<Connection> Visit::open_web() {
  Connection::Failure failure;
  for (const IpAddress& ip : addresses_) {
    auto opened =
        Connection::open(Carrier::kTls, {ip, subject_.port}, subject_.host, trust_, kWait);
    if (opened) {
      good("web port", fmt::format("TCP {} answers with TLS", subject_.port.value));
      certificate((*opened)->certificate_pem());
      return std::move(*opened);
    }
    if (!opened.error().refused_certificate_pem.empty()) {
      good("web port", fmt::format("TCP {} answers with TLS", subject_.port.value));
      return distrust(opened.error());
    }
    failure = opened.error();
  }
  bad("web port", fmt::format("TCP {}: {}", subject_.port.value, failure.text),
      failure.nothing_listens ? "beeline serve, on that machine; or another --port"
                              : open_port(Carrier::kTcp, subject_.port));
  return nullptr;
}

// The certificate is one that this machine does not trust. What lies behind it can be seen all the
// same.
std::unique_ptr<Connection> Visit::distrust(const Connection::Failure& failure) {
  const auto summary = crypto::summarize(failure.refused_certificate_pem);
  bad("certificate",
      fmt::format(
          "not trusted here: {}{}", failure.text,
          summary ? fmt::format("; {}, until {}", summary->subject, date(summary->expires)) : ""),
      fmt::format("open http://{}:{}/trust, or give the server --cert and --key", subject_.host,
                  subject_.port.value));
  trust_ = std::make_shared<net::TlsClient>(failure.refused_certificate_pem);
  for (const IpAddress& ip : addresses_)
    if (auto opened =
            Connection::open(Carrier::kTls, {ip, subject_.port}, subject_.host, trust_, kWait))
      return std::move(*opened);
  return nullptr;
}

void Visit::certificate(const std::string& pem) {
  const auto summary = crypto::summarize(pem);
  if (!summary) return;
  const std::string text =
      fmt::format("valid for {}, until {}", subject_.host, date(summary->expires));
  if (summary->expires < now_ + kExpiresSoon)
    return warn("certificate", text, "renew it (certbot renew), then: systemctl reload beeline");
  good("certificate", text);
}

std::optional<Welcomed> Visit::join(Connection& connection) {
  auto welcomed = join_alone(connection, fmt::format("{}:{}", subject_.host, subject_.port.value),
                             random_.fork("web"));
  if (!welcomed) {
    bad("signaling", welcomed.error(),
        "if a proxy stands before the server, let it pass WebSockets to /api/signal");
    return std::nullopt;
  }
  good("signaling", fmt::format("joined a room over a WebSocket in {} ms", welcomed->took.count()));
  return std::move(*welcomed);
}

void Visit::clock(std::int64_t server_time_ms) {
  const std::int64_t off = server_time_ms - now_.since_epoch.count() * 1000;
  if (std::abs(off) > kClockToleranceMs)
    warn("clock", fmt::format("the server's clock and this one differ by {} s", off / 1000),
         "timedatectl set-ntp true   (on whichever is wrong)");
}

std::expected<std::unique_ptr<TurnProbe>, std::string> Visit::probe(const IceUrl& url) {
  const auto found = net::resolve(url.host);
  if (!found) return std::unexpected(fmt::format("{} has no address", url.host));
  std::string why;
  for (const IpAddress& ip : *found) {
    auto opened = Connection::open(url.carrier, {ip, url.port}, url.host, trust_, kWait);
    if (opened)
      return std::make_unique<TurnProbe>(std::move(*opened),
                                         random_.fork(std::to_string(random_.u64())));
    why = opened.error().text;
  }
  return std::unexpected(why);
}

void Visit::stun(const IceUrl& url) {
  auto one = probe(url);
  const auto mapped = one ? (*one)->bind() : std::unexpected(one.error());
  const std::string where = fmt::format("{} {}", name_of(url.carrier), url.port.value);
  if (!mapped)
    return bad("STUN", fmt::format("{}: {}", where, mapped.error()),
               open_port(url.carrier, url.port));
  good("STUN", fmt::format("{}: the server sees this machine as {}", where, mapped->to_string()));
}

std::expected<TransportAddress, std::string> Visit::round_trip(const IceUrl& url,
                                                               const signaling::IceServer& server) {
  auto left = probe(url);
  if (!left) return std::unexpected(left.error());
  auto right = probe(url);
  if (!right) return std::unexpected(right.error());
  const auto left_address = (*left)->allocate(server.username, server.credential);
  if (!left_address) return std::unexpected(left_address.error());
  const auto right_address = (*right)->allocate(server.username, server.credential);
  if (!right_address) return std::unexpected(right_address.error());
  for (const auto& permitted : {(*left)->permit(*right_address), (*right)->permit(*left_address)})
    if (!permitted) return std::unexpected(permitted.error());
  constexpr std::string_view kByte = "b";
  (*left)->send(*right_address, kByte);
  if ((*right)->receive(kWait) != kByte)
    return std::unexpected("allocated, but a byte through two allocations did not arrive");
  return *left_address;
}

void Visit::relay(const IceUrl& url, const signaling::IceServer& server) {
  const std::string where = fmt::format("{} {}", name_of(url.carrier), url.port.value);
  const auto start = Clock::now();
  const auto relayed = round_trip(url, server);
  if (!relayed)
    return bad("relay", fmt::format("{}: {}", where, relayed.error()),
               open_port(url.carrier, url.port));
  const auto took = std::chrono::duration_cast<Milliseconds>(Clock::now() - start);
  good("relay",
       fmt::format("{}: a byte went through two allocations ({} ms in all)", where, took.count()));
  relayed_address(*relayed);
}

// A relay that tells an address nobody can reach is the commonest fault behind NAT and in
// containers.
void Visit::relayed_address(const TransportAddress& relayed) {
  if (std::exchange(relayed_address_told_, true)) return;
  const IpAddress& ip = relayed.ip;
  const bool same = std::ranges::find(addresses_, ip) != addresses_.end();
  if (same || addresses_.front().is_loopback())
    return good("relay address", fmt::format("{} is what others are told", ip.to_string()));
  const bool inside = ip.is_private() || ip.is_loopback() || ip.is_link_local();
  const IpAddress& seen = addresses_.front();
  if (inside && !seen.is_private())
    return bad("relay address",
               fmt::format("others are told {}, which only the inside reaches", ip.to_string()),
               fmt::format("beeline serve --public-ip {}", seen.to_string()));
  warn("relay address",
       fmt::format("others are told {}, this machine reached {}", ip.to_string(), seen.to_string()),
       fmt::format("where that is not meant: beeline serve --public-ip {}", seen.to_string()));
}

}  // namespace

std::optional<Subject> parse_subject(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (text.starts_with(kScheme))
    text.remove_prefix(kScheme.size());
  else if (text.find("://") != std::string_view::npos)
    return std::nullopt;
  text = text.substr(0, text.find('/'));
  const auto bare = IpAddress::parse(text);
  if (bare) return Subject{bare->to_string(), Port{443}, {}};
  const auto place = split_host(text, Port{443});
  if (!place) return std::nullopt;
  return Subject{place->first, place->second, {}};
}

void examine_from_outside(const Subject& subject, WallTime now, const Random& random,
                          const Report& report) {
  Visit(subject, now, random, report).run();
}

void examine_from_inside(const server::Config& config, const server::Addresses& addresses,
                         const Report& report) {
  const auto data = server::DataDirectory::open(config.data_dir);
  if (data)
    report({Health::kGood, "data", config.data_dir.string(), {}});
  else
    report({Health::kBad, "data", data.error(), "--data-dir with a directory that can be written"});
  for (const server::RelayAddress& relay : addresses.relays) {
    const IpAddress& told = relay.advertised;
    const bool inside = told.is_private() || told.is_loopback();
    const bool container = std::filesystem::exists("/.dockerenv");
    report({inside ? Health::kWarning : Health::kGood, "relay address",
            inside ? fmt::format("{} is reached only from inside{}", told.to_string(),
                                 container ? " this container's network" : "")
                   : told.to_string(),
            inside ? "for people outside: --public-ip with the address they use" : ""});
  }
  if (addresses.relays.empty())
    report({Health::kBad, "relay address", "this machine has no address to relay from",
            "bring a network interface up, or name an address with --listen"});
}

}  // namespace beeline::doctor
