// What PeerConnection::explain() and get_stats() read off a session.
#pragma once

#include "beeline/api/explanation.h"
#include "beeline/api/stats.h"

namespace beeline::api {

class Session;

Explanation explain(const Session& session);
StatsReport stats(const Session& session);

}  // namespace beeline::api
