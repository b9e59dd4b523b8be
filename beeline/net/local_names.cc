#include "beeline/net/local_names.h"

#include "beeline/mdns/querier.h"
#include "beeline/mdns/responder.h"
#include "beeline/net/client_host.h"

namespace beeline::net {

// Each core with a host of its own: that of the client whom they serve is not theirs.
struct LocalNames::Cores {
  Cores(EventLoop& loop, LocalNames& its_owner)
      : owner(its_owner),
        querier({}, loop.packets()),
        responder({}, loop.packets()),
        asking(loop, querier, *this),
        answering(loop, responder, *this) {}

  void handle_event(mdns::Querier::Event event) {
    if (const auto* found = std::get_if<mdns::NameFound>(&event))
      owner.answered(found->name, found->addresses);
    else if (const auto* failed = std::get_if<mdns::NameNotFound>(&event))
      owner.answered(failed->name, {});
  }

  LocalNames& owner;
  mdns::Querier querier;
  mdns::Responder responder;
  ClientHost<mdns::Querier, Cores> asking;
  ClientHost<mdns::Responder, Cores> answering;
};

// Listens from the start: who is announced before somebody asks costs no round trip.
LocalNames::LocalNames(EventLoop& loop, Resolved resolved)
    : loop_(loop), resolved_(std::move(resolved)), cores_(std::make_unique<Cores>(loop, *this)) {
  cores_->querier.start(loop_.now());
  cores_->asking.settle();
}

LocalNames::~LocalNames() {
  cores_->responder.close(loop_.now());
  cores_->answering.settle();
}

void LocalNames::resolve(const ResolveName& wanted) {
  queries_.emplace(wanted.name, wanted.query);
  cores_->querier.resolve(wanted.name, loop_.now());
  cores_->asking.settle();
}

void LocalNames::answered(const std::string& name, const std::vector<IpAddress>& addresses) {
  std::vector<NameQueryId> waiting;
  const auto [first, last] = queries_.equal_range(name);
  for (auto it = first; it != last; ++it) waiting.push_back(it->second);
  queries_.erase(first, last);  // who is answered may ask again
  for (const NameQueryId query : waiting) resolved_(NameResolved{query, addresses});
}

void LocalNames::publish(const PublishName& published) {
  cores_->responder.publish(published.name, published.address, loop_.now());
  cores_->answering.settle();
}

void LocalNames::withdraw(const WithdrawName& withdrawn) {
  cores_->responder.withdraw(withdrawn.name, loop_.now());
  cores_->answering.settle();
}

bool is_local_name(std::string_view name) {
  return mdns::lower(name).ends_with(".local");
}

}  // namespace beeline::net
