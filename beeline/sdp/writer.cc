#include "beeline/sdp/writer.h"

#include "beeline/base/ensure.h"

namespace beeline::sdp {
namespace {

void append_line(std::string& out, char type, std::string_view text) {
  // A line break in a name that an application chose would be a line that nobody wrote.
  ensure(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
         "one line is one line");
  out.append(1, type).append(1, '=').append(text).append("\r\n");
}

void append_lines(std::string& out, const Section& section) {
  for (const Line& line : section.lines) {
    ensure(line.type != 'v' && line.type != 'm', "not a line of a section");
    append_line(out, line.type, line.text);
  }
}

}  // namespace

std::string write(const Session& session) {
  return "v=0\r\n" + write_fragment(session);
}

std::string write_fragment(const Session& fragment) {
  std::string out;
  append_lines(out, fragment);
  for (const Media& media : fragment.media) {
    append_line(out, 'm', media.line_text());
    append_lines(out, media);
  }
  return out;
}

}  // namespace beeline::sdp
