// A level of a session description (RFC 8866 §5): its lines, as they were written and in their
// order. What the lines mean is asked of them elsewhere (typed.h), so nothing is lost that nobody
// here understands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beeline::sdp {

// What a line is found by: its type and, of an attribute, its name. {'c'} is "c=…", {'a', "mid"} is
// "a=mid:…".
struct Key {
  char type;
  std::string_view name = {};
};

struct Line {
  char type = 'a';
  std::string text;  // behind the equals sign; no CR, LF or NUL

  // Of an attribute what stands before the first colon and behind it. Of other lines nothing, and
  // the whole text.
  std::string_view name() const;
  std::string_view value() const;
  // Looks at no more of the text than the name is long: long lines are asked often.
  bool is(Key key) const {
    if (type != key.type) return false;
    if (type != 'a') return key.name.empty();
    return text.starts_with(key.name) &&
           (text.size() == key.name.size() || text[key.name.size()] == ':');
  }
  bool operator==(const Line&) const = default;
};

struct Section {
  std::vector<Line> lines;  // neither "v=" nor "m="

  // The first line of that key, borrowed until lines change; null where there is none.
  const Line* find(Key key) const;
  bool has(Key key) const { return find(key) != nullptr; }

  // Puts a line where its type belongs (RFC 8866 §5): attributes at the end, others before the
  // attributes. No value: "a=name".
  void add(Key key, std::string_view value = {});
  // The first line of that key says `value` from now on and the others of it are gone; added where
  // there is none.
  void set(Key key, std::string_view value = {});
  void remove(Key key);

  bool operator==(const Section&) const = default;
};

}  // namespace beeline::sdp
