// For processors whose CRC-32C instruction this project does not use yet.
#include "beeline/sctp/wire/crc32c.h"

namespace beeline::sctp {

CrcStep hardware_crc32c() {
  return nullptr;
}

}  // namespace beeline::sctp
