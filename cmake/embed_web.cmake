# Script mode: cmake -DDIST=… -DOUT=… -P embed_web.cmake
# Writes OUT/web_assets.S (.incbin of every file below DIST) and OUT/web_assets.cc (a table of them, sorted by path).
file(GLOB_RECURSE files RELATIVE "${DIST}" "${DIST}/*")
list(SORT files)
set(assembly "# Made by cmake/embed_web.cmake.\n  .section .rodata\n")
set(externs "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  string(APPEND assembly "  .global beeline_web_${number}, beeline_web_${number}_end\n  .balign 16\n"
         "beeline_web_${number}:\n  .incbin \"${DIST}/${file}\"\nbeeline_web_${number}_end:\n  .byte 0\n")
  string(APPEND externs "extern const unsigned char beeline_web_${number}[], beeline_web_${number}_end[];\n")
  file(SHA256 "${DIST}/${file}" digest)
  string(SUBSTRING "${digest}" 0 16 digest)
  string(APPEND rows "      {\"/${file}\", \"${digest}\", beeline_web_${number}, beeline_web_${number}_end},\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND assembly "  .section .note.GNU-stack,\"\",@progbits\n")
file(WRITE "${OUT}/web_assets.S" "${assembly}")
file(WRITE "${OUT}/web_assets.cc" "// Made by cmake/embed_web.cmake.
#include \"beeline/server/web_assets.h\"

extern \"C\" {
${externs}}

namespace beeline::server {
namespace {
struct Row {
  const char* path;
  const char* digest;
  const unsigned char* begin;
  const unsigned char* end;
};
}  // namespace

std::vector<WebAsset> web_assets() {
  static const Row kRows[] = {
${rows}  };
  std::vector<WebAsset> assets;
  for (const Row& row : kRows)
    assets.push_back({row.path, row.digest, Bytes(row.begin, static_cast<std::size_t>(row.end - row.begin))});
  return assets;
}

}  // namespace beeline::server
")
