// What an agent knows, as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "beeline/ice/explanation.h"

namespace beeline::cli {

boost::json::object describe(const ice::Path& path);
boost::json::object describe(const ice::Explanation& explanation);

}  // namespace beeline::cli
