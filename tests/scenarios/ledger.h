// What was said on the channels of a call, and what was heard: nothing lost that may not be,
// nothing doubled, nothing changed, nothing out of order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace beeline::scenarios {

// One direction of one channel.
struct Stream {
  std::size_t channel = 0;
  bool by_answerer = false;
  auto operator<=>(const Stream&) const = default;
};

class Ledger {
 public:
  using Violated = std::function<void(std::string rule, std::string what)>;
  explicit Ledger(Violated violated) : violated_(std::move(violated)) {}

  void expect_order(const Stream& stream) { said_[stream].ordered = true; }
  // The bytes of the next message there.
  std::vector<std::uint8_t> next(const Stream& stream, std::size_t bytes) const;
  // It was sent; `must_arrive`: nothing excuses its loss.
  void said(const Stream& stream, std::size_t bytes, bool text, bool must_arrive);
  void heard(const Stream& stream, bool text, const std::vector<std::uint8_t>& bytes);
  // What has not been heard yet need not be any more.
  void excuse(const Stream& stream);

  // How many that must arrive have not.
  std::size_t missing() const;
  void expect_all() const;
  // How many were heard of the messages from the `first`-th on.
  std::size_t heard_since(const Stream& stream, std::size_t first) const;
  std::size_t said_on(const Stream& stream) const;

 private:
  struct Said {
    std::size_t bytes = 0;
    bool text = false;
    bool must_arrive = false;
    bool heard = false;
  };
  struct Messages {
    bool ordered = false;
    std::vector<Said> all{};
    std::size_t next = 0;  // where it is ordered: behind the last one that was heard
  };
  static std::vector<std::uint8_t> pattern(const Stream& stream, std::size_t number,
                                           std::size_t bytes);
  static std::string words(const Stream& stream);

  Violated violated_;
  std::map<Stream, Messages> said_;
};

}  // namespace beeline::scenarios
