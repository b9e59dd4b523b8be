#include "beeline/net/http_server.h"

#include <algorithm>

#include "beeline/base/encoding.h"
#include "beeline/websocket/codec.h"

namespace beeline::net {
