#include "beeline/server/server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>

#include "beeline/base/encoding.h"
#include "beeline/base/ensure.h"
#include "beeline/crypto/digest.h"
#include "beeline/crypto/entropy.h"
#include "beeline/dtls/openssl_floor.h"
#include "beeline/net/http_server.h"
#include "beeline/server/addresses.h"
#include "beeline/server/certificates.h"
#include "beeline/server/ice_servers.h"
#include "beeline/server/log_sink.h"
#include "beeline/server/metrics.h"
#include "beeline/server/routes.h"
#include "beeline/server/signaling_host.h"
#include "beeline/server/startup.h"
#include "beeline/server/turn_host.h"
#include "beeline/server/turn_setup.h"

namespace beeline::server {
namespace {

constexpr std::size_t kSecretLength = 43;
constexpr auto kClockInterval = std::chrono::seconds(10);
constexpr auto kClockStep = std::chrono::seconds(60);
constexpr auto kFarewell = std::chrono::milliseconds(300);

using Failure = std::optional<std::string>;

// Every connection and every relayed address is a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string in_url(const std::string& host) {
  const auto ip = IpAddress::parse(host);
  return ip && ip->is_v6() ? fmt::format("[{}]", host) : host;
}

// The parts of a running server, in the order they depend on each other.
class Running {
 public:
  Running(const Config& config, const ReadConfig& reread, std::string_view version)
      : given_(config),
        config_(config),
        reread_(reread),
        version_(version),
        log_(make_log_sink(config.log_level, config.json)),
        random_(crypto::system_seed()),
        clock_(loop_, [this] { tell_time(); }),
        farewell_(loop_, [this] { end_when_quiet(); }) {}

  Failure start();
  void run();

 private:
  Failure load_state();
  Failure start_turn();
  Failure start_web();
  Failure start_metrics();
  Failure listen_web(const IpAddress& ip);
  net::HttpAnswer answer(const net::HttpRequest& request);
  void wait_for_signals();
  void stop();
  void end_when_quiet();
  void reload();
  Failure reload_certificate(const Config& wanted);
  void hear_trouble(std::string_view what, const std::error_code& why);
  void tell_time();
  void announce() const;
  void add_web_facts(StartupFacts& facts) const;
  std::string metrics_text() const;
  void add_web_metrics(MetricsText& metrics) const;
  crypto::SubjectNames certificate_names() const;

  Config given_;   // as it was read last
  Config config_;  // with what the start made of it
  ReadConfig reread_;
  std::string version_;
  std::unique_ptr<LogSink> log_;
  Random random_;
  net::EventLoop loop_;
  net::Alarm clock_;
  net::Alarm farewell_;
  Addresses addresses_;
  std::optional<DataDirectory> data_;
  std::string secret_;
  std::optional<ServerIdentity> identity_;
  std::shared_ptr<net::TlsServer> tls_;
  std::unique_ptr<TurnHost> turn_;
  std::unique_ptr<OwnIceServers> ice_;
  std::unique_ptr<RoomStore> rooms_;
  std::unique_ptr<SignalingHost> signaling_;
  std::unique_ptr<Routes> routes_;
  std::unique_ptr<net::HttpServer> web_;
  std::unique_ptr<net::HttpServer> metrics_;
  std::vector<std::unique_ptr<net::TcpListener>> listeners_;
  std::optional<boost::asio::signal_set> signals_;
  std::uint64_t broken_cores_ = 0;
  std::uint64_t troubles_ = 0;
  std::optional<Instant> stopping_until_;  // set once the server was told to end
  Instant trouble_told_until_;
  std::optional<std::pair<Instant, WallTime>> told_time_;
};

Failure Running::start() {
  raise_descriptor_limit();
  set_ensure_policy(EnsurePolicy::kThrow);
  std::vector<IpAddress> primary;
  for (const IpFamily family : {IpFamily::kV4, IpFamily::kV6})
    if (const auto ip = net::primary_address(family)) primary.push_back(*ip);
  addresses_ = plan_addresses(config_, net::interface_addresses(), primary);
  if (auto failure = load_state()) return failure;
  if (config_.turn)
    if (auto failure = start_turn()) return failure;
  if (config_.web)
    if (auto failure = start_web()) return failure;
  if (auto failure = start_metrics()) return failure;
  loop_.set_on_trouble(
      [this](std::string_view what, const std::error_code& why) { hear_trouble(what, why); });
  tell_time();
  signals_.emplace(loop_.executor(), SIGINT, SIGTERM, SIGHUP);
  wait_for_signals();
  announce();
  return std::nullopt;
}

Failure Running::load_state() {
  auto data = DataDirectory::open(config_.data_dir);
  if (!data) return data.error();
  data_ = std::move(*data);
  secret_ = config_.turn_secret;
  if (const auto secret = data_->read("turn-secret"); secret && secret_.empty()) {
    secret_ = *secret;
    while (!secret_.empty() && secret_.back() == '\n') secret_.pop_back();
  }
  if (secret_.empty()) {
    secret_ = random_.text(kSecretLength,
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    if (const auto kept = data_->write_needed("turn-secret", secret_); !kept) return kept.error();
  }
  auto identity = load_identity(config_, *data_, certificate_names(), loop_.wall_time());
  if (!identity) return identity.error();
  identity_ = std::move(*identity);
  auto tls = net::TlsServer::make(identity_->key_pair);
  if (!tls) return tls.error();
  tls_ = std::move(*tls);
  return std::nullopt;
}

crypto::SubjectNames Running::certificate_names() const {
  crypto::SubjectNames names{{"localhost"}, addresses_.reachable};
  if (!config_.name.empty()) names.dns_names.insert(names.dns_names.begin(), config_.name);
  names.addresses.push_back(IpAddress::loopback(IpFamily::kV4));
  names.addresses.push_back(IpAddress::loopback(IpFamily::kV6));
  return names;
}

Failure Running::start_turn() {
  turn_ = std::make_unique<TurnHost>(loop_, turn_settings(config_, addresses_, secret_),
                                     turn_stream_limits(config_), random_.fork("turn"), *log_);
  turn_->set_tls(tls_);
  if (auto failure = open_turn_ports(*turn_, config_, addresses_)) return failure;
  return open_nat_test_ports(*turn_, config_, addresses_);
}

Failure Running::start_web() {
  const std::string for_local =
      addresses_.relays.empty() ? "" : addresses_.relays.front().bound.to_string();
  // The ports first: members are told the one that the kernel may have chosen. Nobody is accepted
  // before the loop runs.
  for (const IpAddress& ip : addresses_.listen)
    if (auto failure = listen_web(ip)) return failure;
  ice_ = std::make_unique<OwnIceServers>(OwnIceServers::Settings{
      secret_, {config_.turn_port, config_.turns_port, config_.port}, for_local, config_.turn});
  auto folder = DataDirectory::open(data_->path() / "rooms");
  if (!folder) return folder.error();
  rooms_ = std::make_unique<RoomStore>(loop_, std::move(*folder), RoomStore::Limits{}, *log_);
  signaling::Settings settings;
  settings.resume_key = crypto::hmac_sha256(as_bytes(secret_), {as_bytes("resume")});
  settings.grace = std::chrono::seconds(config_.grace_seconds);
  signaling_ = std::make_unique<SignalingHost>(loop_, settings, random_.fork("signaling"), *ice_,
                                               *rooms_, *log_, [this](std::string_view member) {
                                                 // Calls that are relayed outlive a server
                                                 // that ends, as long as it drains.
                                                 if (turn_ && !stopping_until_)
                                                   turn_->revoke(member);
                                               });
  routes_ = std::make_unique<Routes>(
      web_assets(), Routes::Settings{identity_->authority_pem, config_.allow_origins});
  net::HttpServer::Limits limits;
  limits.messages = settings.limits.messages;
  web_ = std::make_unique<net::HttpServer>(
      loop_, limits,
      net::HttpServer::Callbacks{
          [this](const net::HttpRequest& request) { return answer(request); },
          [this](net::ChannelId id, const net::HttpRequest& request) {
            signaling_->opened(id, request);
          },
          [this](net::ChannelId id, std::string_view text) { signaling_->text(id, text); },
          [this](net::ChannelId id) { signaling_->binary(id); },
          [this](net::ChannelId id, bool clean) { signaling_->closed(id, clean); },
          [this](const std::shared_ptr<net::TcpStream>& stream, Bytes first) {
            turn_ ? turn_->adopt(stream, first) : stream->detach();
          }});
  signaling_->attach(*web_);
  signaling_->set_wall_time(loop_.wall_time());
  signaling_->load_rooms();
  web_->set_tls(tls_);
  return std::nullopt;
}

net::HttpAnswer Running::answer(const net::HttpRequest& request) {
  if (stopping_until_) {
    net::HttpResponse stopping = net::HttpResponse::text(503, "This server is stopping.\n");
    stopping.headers.emplace_back("Retry-After", "1");
    return stopping;
  }
  auto answer = routes_->answer(request);
  if (auto* response = std::get_if<net::HttpResponse>(&answer)) return std::move(*response);
  const auto readable_by_its_page = [&](auto said) {
    for (auto& header : routes_->cors_headers(request)) said.headers.push_back(std::move(header));
    return said;
  };
  switch (std::get<SignalingRequest>(answer)) {
    case SignalingRequest::kHello:
      return readable_by_its_page(signaling_->open_stream(request));
    case SignalingRequest::kMessages:
      return readable_by_its_page(signaling_->take_messages(request));
    case SignalingRequest::kWebSocket:
      break;
  }
  return net::OpenWebSocket{};
}

Failure Running::listen_web(const IpAddress& ip) {
  auto listener = net::TcpListener::listen(
      loop_, {ip, config_.port},
      [this](net::FileDescriptor socket) { web_->accept(std::move(socket)); });
  if (!listener)
    return fmt::format(
        "port {} cannot be opened on {}: {}\ntry: --port with another number, or end what uses it "
        "(ss -tlpn)",
        config_.port.value, ip.to_string(), listener.error().message());
  config_.port =
      (*listener)->local().port;  // the same for all addresses, also where the kernel chose it
  listeners_.push_back(std::move(*listener));
  return std::nullopt;
}

Failure Running::start_metrics() {
  if (!config_.metrics) return std::nullopt;
  net::HttpServer::Callbacks callbacks;
  callbacks.request = [this](const net::HttpRequest& request) -> net::HttpAnswer {
    if (request.path() == "/health")
      return stopping_until_ ? net::HttpResponse::text(503, "stopping\n")
                             : net::HttpResponse::text(200, "ok\n");
    if (request.path() != "/metrics")
      return net::HttpResponse::text(404, "Here are /metrics and /health.\n");
    return net::HttpResponse{200, {{"Content-Type", "text/plain; version=0.0.4"}}, metrics_text()};
  };
  metrics_ =
      std::make_unique<net::HttpServer>(loop_, net::HttpServer::Limits{}, std::move(callbacks));
  auto listener = net::TcpListener::listen(
      loop_, *config_.metrics,
      [this](net::FileDescriptor socket) { metrics_->accept(std::move(socket)); });
  if (!listener)
    return fmt::format("metrics cannot be served on {}: {}", config_.metrics->to_string(),
                       listener.error().message());
  config_.metrics = (*listener)->local();
  listeners_.push_back(std::move(*listener));
  return std::nullopt;
}

void Running::wait_for_signals() {
  signals_->async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == SIGHUP)
      reload();
    else
      stop();
    wait_for_signals();
  });
}

// The first time: says goodbye to members, and lets relayed calls end by themselves for a while.
// The second time: now.
void Running::stop() {
  if (stopping_until_) return loop_.stop();
  const auto drain = std::chrono::seconds(config_.drain_seconds);
  stopping_until_ = loop_.now() + drain;
  log_->info("stopping",
             {{"members", std::to_string(signaling_ ? signaling_->core().members() : 0)},
              {"drain_s", std::to_string(drain.count())}});
  if (signaling_) signaling_->shutdown();
  farewell_.set(loop_.now() + kFarewell);  // so that the goodbyes leave
}

void Running::end_when_quiet() {
  const bool relaying = turn_ && turn_->core().allocations() > 0;
  if (!relaying || loop_.now() >= *stopping_until_) return loop_.stop();
  farewell_.set(loop_.now() + kFarewell);
}

void Running::reload() {
  const auto wanted = reread_();
  if (!wanted) {
    log_->error("reload_failed", {{"kept", "the settings from before"}});
    return;
  }
  for (const std::string_view name : needs_restart(given_, *wanted))
    log_->warning("reload_needs_restart", {{"setting", std::string(name)}});
  if (const auto failure = reload_certificate(*wanted))
    log_->error("certificate_not_reloaded", {{"why", *failure}, {"kept", "the one from before"}});
  config_.allow_origins = wanted->allow_origins;
  config_.drain_seconds = wanted->drain_seconds;
  if (routes_) routes_->set_settings({identity_->authority_pem, config_.allow_origins});
  log_->set_level(wanted->log_level);
  log_->info("reloaded");
}

Failure Running::reload_certificate(const Config& wanted) {
  auto identity = load_identity(wanted, *data_, certificate_names(), loop_.wall_time());
  if (!identity) return identity.error();
  auto tls = net::TlsServer::make(identity->key_pair);
  if (!tls) return tls.error();
  identity_ = std::move(*identity);
  tls_ = std::move(*tls);
  if (web_) web_->set_tls(tls_);
  if (turn_) turn_->set_tls(tls_);
  return std::nullopt;
}

// Said once a minute at most: what is short now is short for every connection.
void Running::hear_trouble(std::string_view what, const std::error_code& why) {
  ++troubles_;
  const Rate rate{1, std::chrono::minutes(1)};
  const Instant now = loop_.now();
  if (!rate.allows(trouble_told_until_, now)) return;
  trouble_told_until_ = rate.use(trouble_told_until_, now);
  log_->error("system_refuses",
              {{"what", std::string(what)},
               {"why", why.message()},
               {"try", "raise the limit (ulimit -n, LimitNOFILE=); trying again meanwhile"}});
}

void Running::tell_time() {
  const WallTime at = loop_.wall_time();
  const Instant now = loop_.now();
  if (told_time_) {
    const auto stepped = at.since_epoch - told_time_->second.since_epoch -
                         std::chrono::round<std::chrono::seconds>(now - told_time_->first);
    if (stepped > kClockStep || stepped < -kClockStep)
      log_->warning("clock_stepped", {{"seconds", std::to_string(stepped.count())}});
  }
  told_time_ = {now, at};
  if (ice_) ice_->set_wall_time(at);
  if (signaling_) signaling_->set_wall_time(at);
  if (turn_) turn_->set_wall_time(at);
  clock_.set(now + kClockInterval);
}

void Running::add_web_facts(StartupFacts& facts) const {
  const bool loopback = std::ranges::any_of(addresses_.listen, [](const IpAddress& ip) {
    return ip.is_unspecified() || ip.is_loopback();
  });
  if (loopback) facts.local_url = fmt::format("http://localhost:{}", config_.port.value);
  if (!config_.name.empty())
    facts.network_urls.push_back(fmt::format("https://{}:{}", config_.name, config_.port.value));
  for (const IpAddress& ip : addresses_.reachable)
    facts.network_urls.push_back(
        fmt::format("https://{}:{}", in_url(ip.to_string()), config_.port.value));
  if (!identity_->authority_pem.empty() && !facts.network_urls.empty())
    facts.trust_url = fmt::format("http{}/trust", facts.network_urls.front().substr(5));
  facts.room = random_.fork("first room").text(signaling::kRoomIdLength, kBase32Alphabet);
}

void Running::announce() const {
  StartupFacts facts;
  facts.version = version_;
  if (config_.web) add_web_facts(facts);
  facts.certificate_expires = identity_->summary.expires;
  facts.certificate_made_here = !identity_->authority_pem.empty();
  if (turn_) {
    facts.turn = turn_facts(config_, addresses_);
    facts.turn_port = config_.turn_port;
    facts.turns_port = config_.turns_port;
  }
  facts.warnings = addresses_.warnings;
  if (config_.lab_limits)
    facts.warnings.push_back("limits of a lab: strangers can use this server up; not for people");
  if (config_.grace_seconds != Config().grace_seconds)
    facts.warnings.push_back(
        fmt::format("the grace for lost connections is {} s", config_.grace_seconds));
  if (config_.metrics)
    facts.metrics_url = fmt::format("http://{}/metrics", config_.metrics->to_string());
  const bool colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  fmt::print("{}\n", config_.json ? startup_json(facts) : startup_text(facts, colour));
  std::fflush(stdout);
}

void Running::add_web_metrics(MetricsText& metrics) const {
  const auto& signaling = signaling_->core();
  metrics.gauge("beeline_members", "Members in rooms.", signaling.members());
  metrics.gauge("beeline_rooms", "Rooms with somebody in them.", signaling.rooms());
  metrics.gauge("beeline_rooms_kept", "Rooms with settings, also empty ones.",
                signaling.kept_rooms());
  metrics.gauge("beeline_rooms_not_saved", "Rooms whose settings are not on disk yet.",
                rooms_->waiting());
  metrics.counter("beeline_room_save_failures_total", "Room files that could not be written.",
                  rooms_->failures());
  metrics.gauge("beeline_connections", "Open HTTP and WebSocket connections.", web_->connections());
  metrics.counter("beeline_connections_refused_total", "Connections over a limit.",
                  web_->refused());
  metrics.counter("beeline_signaling_messages_total", "Messages received.",
                  signaling.counters().messages);
  const auto& errors = signaling.counters().errors;
  for (std::size_t i = 0; i < errors.size(); ++i)
    metrics.counter("beeline_signaling_errors_total", "Messages refused, by error code.", errors[i],
                    {{"code", std::string(name_of(static_cast<signaling::ErrorCode>(i)))}});
  const auto& gone = signaling.counters().gone;
  for (std::size_t i = 0; i < gone.size(); ++i)
    metrics.counter("beeline_members_gone_total", "Memberships that ended, by reason.", gone[i],
                    {{"reason", std::string(name_of(static_cast<signaling::GoneReason>(i)))}});
}

std::string Running::metrics_text() const {
  MetricsText metrics;
  if (config_.web) add_web_metrics(metrics);
  metrics.counter("beeline_system_refusals_total",
                  "What the operating system refused (descriptors, mostly).", troubles_);
  metrics.counter("beeline_broken_cores_total", "Programming errors met while running.",
                  broken_cores_);
  if (turn_) add_turn_metrics(metrics, *turn_);
  return metrics.text();
}

void Running::run() {
  loop_.run([this](const std::string& what) {
    ++broken_cores_;
    log_->error("programming_error", {{"what", what}});
  });
}

}  // namespace

std::optional<std::string> serve(const Config& config, const ReadConfig& reread,
                                 std::string_view version) {
  // Before anything is made or written.
  const dtls::OpensslSafety safety = dtls::openssl_is_safe();
  if (safety.verdict == dtls::OpensslVerdict::kTooOld) return safety.reason;
  Running server(config, reread, version);
  if (auto failure = server.start()) return failure;
  server.run();
  return std::nullopt;
}

}  // namespace beeline::server
