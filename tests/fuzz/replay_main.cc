// Runs a fuzz target over every file of the folders it is given: whole, cut at each length, and
// with single bits flipped. A folder that is not there is named and passed over; none at all is a
// failure.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMaxCuts = 512;
constexpr std::size_t kMaxFlips = 2000;
constexpr std::size_t kMaxSeed = 65536;

void run(const std::vector<std::uint8_t>& seed) {
  LLVMFuzzerTestOneInput(seed.data(), seed.size());
  for (std::size_t size = 0; size < std::min(seed.size(), kMaxCuts); ++size) {
    const std::vector<std::uint8_t> cut(
        seed.begin(), seed.begin() + static_cast<long>(size));  // its own end is guarded
    LLVMFuzzerTestOneInput(cut.data(), cut.size());
  }
  std::vector<std::uint8_t> flipped = seed;
  const std::size_t bits = seed.size() * 8;
  const std::size_t step = bits / kMaxFlips + 1;
  for (std::size_t bit = 0; bit < bits; bit += step) {
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
    LLVMFuzzerTestOneInput(flipped.data(), flipped.size());
    flipped[bit / 8] = seed[bit / 8];
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      std::printf("not here, passed over: %s\n", argv[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      std::vector<std::uint8_t> seed(std::istreambuf_iterator<char>(file), {});
      seed.resize(std::min(seed.size(), kMaxSeed));
      run(seed);
      ++files;
    }
  }
  std::printf("%zu seeds replayed\n", files);
  return files > 0 ? 0 : 1;
}
