#include "beeline/server/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

namespace beeline::server {

namespace fs = std::filesystem;

namespace {
constexpr std::string_view kAside = ".new";  // what is being written ends so
}

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

std::expected<void, std::error_code> DataDirectory::write(std::string_view name,
                                                          std::string_view content) const {
  const auto failed = [] {
    return std::unexpected(std::error_code(errno, std::generic_category()));
  };
  const fs::path final_path = path_ / name;
  const fs::path aside = path_ / (std::string(name).append(kAside));
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed();
  bool written = true;
  while (written && !content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    written = count > 0;
    if (written) content.remove_prefix(static_cast<std::size_t>(count));
  }
  written = written && ::fsync(fd) == 0;
  std::expected<void, std::error_code> result;
  if (!written) result = failed();
  ::close(fd);
  std::error_code error;
  if (written) fs::rename(aside, final_path, error);
  if (error) result = std::unexpected(error);
  if (!result) fs::remove(aside, error);
  return result;
}

std::expected<void, std::string> DataDirectory::write_needed(std::string_view name,
                                                             std::string_view content) const {
  const auto written = write(name, content);
  if (written) return {};
  return std::unexpected(
      fmt::format("{} cannot be written: {}", (path_ / name).string(), written.error().message()));
}

std::expected<void, std::error_code> DataDirectory::remove(std::string_view name) const {
  std::error_code error;
  fs::remove(path_ / name, error);
  if (error) return std::unexpected(error);
  return {};
}

std::vector<std::string> DataDirectory::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file(error)) names.push_back(it->path().filename().string());
  return names;
}

}  // namespace beeline::server
