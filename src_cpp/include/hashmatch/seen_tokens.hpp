// Which 64-bit tokens were met before: what lets a first import ask no table whether a digest is new.
#pragma once

#include <cstdint>
#include <vector>

namespace hashmatch {

// An open-addressing set of tokens that only grows. A token is a part of a digest, so two digests may
// share one: "met before" may be wrong, "not met before" never is.
//
// Not safe to use from several threads at once.
class SeenTokens {
public:
    // The seed keeps whoever writes the list from choosing digests that collide here.
    explicit SeenTokens(std::uint64_t seed);

    // For each of `rows` rows of `width` tokens, of which 0 stands for none: 1 where no token of the row
    // is in the set under the same place. All of the row's tokens are in the set afterwards.
    //
    // Throws std::bad_alloc; the set is as it was before the row that did not fit.
    void add(const std::uint64_t* tokens, std::int64_t rows, int width, std::uint8_t* is_new);

    std::int64_t size() const { return used_; }

private:
    bool insert(std::uint64_t key);
    void grow();

    std::uint64_t seed_;
    std::int64_t used_ = 0;
    int shift_;  // 64 minus the number of address bits
    std::vector<std::uint64_t> slots_;
};

}  // namespace hashmatch
