// Names of the local network (mDNS, "….local"): asks for other people's and answers for our own.
// Hosts the two cores of mdns/ with their own sockets on port 5353.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/host_io.h"
#include "beeline/net/event_loop.h"

namespace beeline::net {

class LocalNames {
 public:
  using Resolved = std::function<void(NameResolved)>;  // from the loop, or from inside resolve()
  LocalNames(EventLoop& loop, Resolved resolved);
  LocalNames(const LocalNames&) = delete;
  LocalNames& operator=(const LocalNames&) = delete;
  // Says goodbye for all that is published.
  ~LocalNames();

  void resolve(const ResolveName& wanted);
  void publish(const PublishName& published);
  void withdraw(const WithdrawName& withdrawn);

 private:
  struct Cores;
  void answered(const std::string& name, const std::vector<IpAddress>& addresses);

  EventLoop& loop_;
  Resolved resolved_;
  std::multimap<std::string, NameQueryId> queries_;
  std::unique_ptr<Cores> cores_;
};

// True for what has to be asked for on the local network.
bool is_local_name(std::string_view name);

}  // namespace beeline::net
