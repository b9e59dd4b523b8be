// The server's own small files: its secret, its certificate authority and certificate. Directory
// 0700, private files 0600, replaced atomically.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace beeline::server {

class DataDirectory {
 public:
  // Creates what is missing. The error is a sentence for people.
  static std::expected<DataDirectory, std::string> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::optional<std::string> read(std::string_view name) const;
  // Writes aside, then renames: a crash or a full disk leaves the old content.
  std::expected<void, std::error_code> write(std::string_view name, std::string_view content) const;
  // The same for what the server cannot run without; the error is a sentence for people.
  std::expected<void, std::string> write_needed(std::string_view name,
                                                std::string_view content) const;
  // Also where there is no such file.
  std::expected<void, std::error_code> remove(std::string_view name) const;
  // The names of the files in it, in no order.
  std::vector<std::string> names() const;

 private:
  explicit DataDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// Reads a whole file; none where it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& path);

}  // namespace beeline::server
