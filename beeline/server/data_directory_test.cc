#include "beeline/server/data_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace beeline::server {
namespace {

namespace fs = std::filesystem;

class DataDirectoryTest : public testing::Test {
 protected:
  ~DataDirectoryTest() override { fs::remove_all(root_); }
  fs::path root_ = fs::path(testing::TempDir()) / ("beeline-data-" + std::to_string(::getpid()));
};

TEST_F(DataDirectoryTest, keeps_content_readable_by_its_owner_only) {
  const auto directory = DataDirectory::open(root_ / "deep" / "er");
  ASSERT_TRUE(directory);
  EXPECT_FALSE(directory->read("secret"));
  EXPECT_TRUE(directory->write("secret", "one"));
  EXPECT_TRUE(directory->write("secret", "two"));
  EXPECT_EQ(directory->read("secret"), "two");
  struct stat status{};
  ASSERT_EQ(::stat((directory->path() / "secret").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(directory->path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(DataDirectoryTest, a_path_that_cannot_be_a_directory_is_a_sentence_for_people) {
  fs::create_directories(root_);
  std::ofstream(root_ / "file") << "not a directory";
  const auto directory = DataDirectory::open(root_ / "file" / "below");
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().find("cannot be made"), std::string::npos);
}

TEST_F(DataDirectoryTest, lists_and_removes_its_files) {
  const auto directory = DataDirectory::open(root_);
  ASSERT_TRUE(directory->write("one", "1"));
  ASSERT_TRUE(directory->write("two", "2"));
  EXPECT_EQ(directory->names().size(), 2U);
  EXPECT_TRUE(directory->remove("one"));
  EXPECT_TRUE(directory->remove("one")) << "it is gone, which is what was asked";
  EXPECT_EQ(directory->names(), std::vector<std::string>{"two"});
}

TEST_F(DataDirectoryTest, a_write_that_fails_says_why_and_leaves_the_old_content) {
  const auto directory = DataDirectory::open(root_);
  ASSERT_TRUE(directory->write("file", "old"));
  fs::create_directory(root_ / "file.new");  // what is written aside cannot be opened
  const auto done = directory->write("file", "new");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), std::errc::is_a_directory);
  EXPECT_EQ(directory->read("file"), "old");
}

TEST_F(DataDirectoryTest, what_is_needed_and_cannot_be_written_is_said_with_its_file_and_why) {
  const auto directory = DataDirectory::open(root_);
  EXPECT_TRUE(directory->write_needed("file", "content"));
  const auto refused = directory->write_needed("no-folder/file", "content");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            (root_ / "no-folder/file").string() + " cannot be written: No such file or directory");
}

}  // namespace
}  // namespace beeline::server
