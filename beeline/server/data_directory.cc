#include "beeline/server/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace beeline::server {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::expected<DataDirectory, std::string> DataDirectory::open(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return std::unexpected(
        fmt::format("the data directory {} cannot be made: {}", path.string(), error.message()));
  fs::permissions(path, fs::perms::owner_all, error);
  if (::access(path.c_str(), W_OK) != 0)
    return std::unexpected(fmt::format("the data directory {} cannot be written", path.string()));
  return DataDirectory(path);
}

std::optional<std::string> DataDirectory::read(std::string_view name) const {
  return read_file(path_ / name);
}

bool DataDirectory::write(std::string_view name, std::string_view content) const {
  const fs::path final_path = path_ / name;
  const fs::path aside = path_ / (std::string(name) + ".new");
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return false;
  bool written = true;
  while (written && !content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    written = count > 0;
    if (written) content.remove_prefix(static_cast<std::size_t>(count));
  }
  written = written && ::fsync(fd) == 0;
  ::close(fd);
  std::error_code error;
  if (written) fs::rename(aside, final_path, error);
  if (!written || error) fs::remove(aside, error);
  return written && !error;
}

}  // namespace beeline::server
