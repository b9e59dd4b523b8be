// An encoder with the fault of CVE-2020-4067, to show that memcheck sees it: it sends an attribute
// whose padding it never wrote. With "padded" it writes it. Not part of the product.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

int main(int count, char** arguments) {
  const bool padded = count > 1 && std::string_view(arguments[1]) == "padded";
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()) != 0) return EXIT_FAILURE;
  constexpr std::string_view kName = "mei";
  constexpr std::size_t kSize = 8;
  struct Free {
    void operator()(void* bytes) const { std::free(bytes); }
  };
  const std::unique_ptr<std::uint8_t, Free> attribute(
      static_cast<std::uint8_t*>(std::malloc(kSize)));
  constexpr std::array<std::uint8_t, 4> kHead{0x00, 0x06, 0x00, 0x03};
  std::memcpy(attribute.get(), kHead.data(), kHead.size());
  std::memcpy(attribute.get() + kHead.size(), kName.data(), kName.size());
  if (padded) attribute.get()[kSize - 1] = 0;
  return ::send(ends[0], attribute.get(), kSize, 0) == kSize ? EXIT_SUCCESS : EXIT_FAILURE;
}
