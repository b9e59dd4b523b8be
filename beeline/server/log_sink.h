// Where log events go: standard error, as aligned text for people or as one JSON object per line.
#pragma once

#include <memory>

#include "beeline/base/log.h"

namespace beeline::server {

std::unique_ptr<Log> make_log_sink(LogLevel level, bool json);

}  // namespace beeline::server
