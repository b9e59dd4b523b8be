#include "beeline/sdp/typed.h"

namespace beeline::sdp {

std::string_view to_string(ValueError error) {
  switch (error) {
    case ValueError::kAbsent:
      return "is not there";
    case ValueError::kMalformed:
      return "is not written as it should be";
    case ValueError::kOutOfRange:
      return "has a number or a length that is out of range";
  }
  return "";
}

}  // namespace beeline::sdp
