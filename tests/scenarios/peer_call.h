// Running a call of whole peer connections that was drawn, and judging it.
#pragma once

#include "tests/scenarios/peer_call_plan.h"

namespace beeline::scenarios {

// Everything OpenSSL draws meanwhile on this thread comes from the plan's seed.
CallResult run_peer_call(const PeerCallPlan& plan, const RunOptions& options = {});

}  // namespace beeline::scenarios
