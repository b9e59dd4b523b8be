#include "beeline/base/shared_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "beeline/base/random.h"

namespace beeline {
namespace {

// Counts what is out.
struct CountedMemory final : std::pmr::memory_resource {
  std::size_t out = 0;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    ++out;
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* place, std::size_t bytes, std::size_t alignment) override {
    --out;
    std::pmr::new_delete_resource()->deallocate(place, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

TEST(SharedText, is_there_as_long_as_it_has_an_owner) {
  SharedText second;
  {
    const SharedText first({"one", "", " two"});
    second = first;
    EXPECT_TRUE(second.same_as(first));
    EXPECT_FALSE(second.same_as(SharedText("one two")));
  }
  EXPECT_EQ(second.view(), "one two");
  const SharedText third = std::move(second);
  EXPECT_EQ(second.size(), 0U);
  EXPECT_EQ(third.size(), 7U);
  second = third;
  const SharedText& itself = second;
  second = itself;
  EXPECT_EQ(second.view(), "one two");
  EXPECT_EQ(SharedText().view(), "");
}

TEST(TextPool, every_size_comes_out_as_it_went_in) {
  CountedMemory memory;
  TextPool pool(memory);
  std::vector<SharedText> texts;
  for (std::size_t size = 0; size <= TextPool::kMost + 10; ++size)
    texts.push_back(pool.make({std::string(size / 2, 'a'), std::string(size - size / 2, 'b')}));
  for (std::size_t size = 0; size < texts.size(); ++size)
    ASSERT_EQ(texts[size].view(), std::string(size / 2, 'a') + std::string(size - size / 2, 'b'));
  EXPECT_GT(pool.live(), 7900U);
  EXPECT_LT(pool.live(), texts.size()) << "the smallest and the largest are not in slabs";
  texts.clear();
  EXPECT_EQ(pool.live(), 0U);
}

TEST(TextPool, what_came_back_is_used_again) {
  CountedMemory memory;
  TextPool pool(memory);
  const std::string text(2000, 'x');
  std::vector<SharedText> texts;
  for (int i = 0; i < 25; ++i) texts.push_back(pool.make({text}));
  EXPECT_EQ(memory.out, 1U);
  for (int i = 0; i < 100'000; ++i)
    texts[static_cast<std::size_t>(i) % texts.size()] = pool.make({text});
  EXPECT_EQ(memory.out, 1U);
  EXPECT_EQ(pool.slabs(), 1U);
}

TEST(TextPool, slabs_that_are_empty_go_back_but_for_one_of_each_size) {
  CountedMemory memory;
  {
    TextPool pool(memory);
    std::vector<SharedText> texts;
    for (int i = 0; i < 1000; ++i) texts.push_back(pool.make({std::string(2000, 'x')}));
    EXPECT_GT(memory.out, 10U);
    texts.clear();
    EXPECT_EQ(memory.out, 1U);
  }
  EXPECT_EQ(memory.out, 0U);
}

TEST(TextPool, texts_that_come_and_go_in_any_order_stay_what_they_are) {
  CountedMemory memory;
  TextPool pool(memory);
  Random random = Random::from_number(1);
  std::vector<std::pair<SharedText, std::string>> texts(2000);
  for (int i = 0; i < 100'000; ++i) {
    auto& [text, expected] = texts[random.below(2000)];
    ASSERT_EQ(text.view(), expected);
    expected.assign(random.below(3) == 0 ? 0 : random.below(3000),
                    static_cast<char>('a' + random.below(26)));
    text = pool.make({expected});
  }
  texts.clear();
  EXPECT_EQ(pool.live(), 0U);
  EXPECT_LE(memory.out, 81U) << "one of each size";
}

}  // namespace
}  // namespace beeline
