// A session description into text (RFC 8866 §5): the lines in the order they have, ended by CRLF.
#pragma once

#include <string>

#include "beeline/sdp/session.h"

namespace beeline::sdp {

// What parse() reads back as the same; the same bytes where it came from text in canonical
// spelling. No line may hold CR, LF or NUL, and none may be "v=" or "m=": an ensure().
std::string write(const Session& session);

// A trickle fragment (RFC 8840 §9), for parse_fragment().
std::string write_fragment(const Session& fragment);

}  // namespace beeline::sdp
