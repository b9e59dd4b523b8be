// A path that stopped answering is kept while its consent lasts.
#include "beeline/ice/rules.h"

bool beeline::ice::rules::is_doubted(int) {
  return false;
}
