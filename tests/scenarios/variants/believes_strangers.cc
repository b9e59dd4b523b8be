// Data is passed up from wherever it comes.
#include "beeline/ice/rules.h"

bool beeline::ice::rules::may_receive_from(bool, bool) {
  return true;
}
