// Where log events go: standard error, as aligned text for people or as one JSON object per line.
#pragma once

#include <memory>

#include "beeline/base/log.h"

namespace beeline::server {

class LogSink : public Log {
 public:
  // Events below it are dropped from now on.
  virtual void set_level(LogLevel level) = 0;
};

std::unique_ptr<LogSink> make_log_sink(LogLevel level, bool json);

}  // namespace beeline::server
