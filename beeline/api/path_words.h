// The reason of a path, and the sentences about it.
#pragma once

#include <string>

#include "beeline/api/explanation.h"
#include "beeline/ice/explanation.h"

namespace beeline::api {

PathReason path_reason(const ice::Explanation& ice, ConnectionState state, Reason failure,
                       const Configuration& configuration);
// `told` is complete but for its text.
std::string path_text(const ice::Explanation& ice, const Explanation& told);

}  // namespace beeline::api
