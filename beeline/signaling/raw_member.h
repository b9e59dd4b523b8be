// A member of a JSON object as the text that it came as, so that it can be passed on unchanged.
// Judges nothing: the text has been parsed before.
#pragma once

#include <string_view>

namespace beeline::signaling {

// `object`: a valid JSON object. Of members of the same name the last one counts, as it does for
// the parser. Empty where there is none of that name, where any name is written with escapes, and
// where the text holds line breaks, which an event stream could not carry.
std::string_view raw_member(std::string_view object, std::string_view name);

}  // namespace beeline::signaling
