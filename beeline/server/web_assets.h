// The web app's files, inside the binary.
#pragma once

#include <string_view>
#include <vector>

#include "beeline/base/bytes.h"

namespace beeline::server {

struct WebAsset {
  std::string_view path;    // "/index.html"
  std::string_view digest;  // of the content, for ETag
  Bytes content;
};

// Sorted by path. Made at build time by cmake/embed_web.cmake.
std::vector<WebAsset> web_assets();

}  // namespace beeline::server
