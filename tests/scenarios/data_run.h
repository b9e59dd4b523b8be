// Running a call of whole peer connections that was drawn, and judging it.
#pragma once

#include "tests/scenarios/data_plan.h"

namespace beeline::scenarios {

// Everything OpenSSL draws meanwhile on this thread comes from the plan's seed.
CallResult run_data_call(const DataPlan& plan, const RunOptions& options = {});

}  // namespace beeline::scenarios
