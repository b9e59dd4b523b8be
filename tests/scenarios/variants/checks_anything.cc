// Loopback, neighbours and groups are checked when somebody names them (RFC 8445 §19.5.1).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::may_check(const IpAddress& local, const TransportAddress& remote) {
  return remote.ip.family() == local.family();
}
