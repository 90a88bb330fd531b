// Work split over threads that live for one call.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace hashmatch {

/// Calls f(shard, first, last) for `threads` contiguous shards of 0..n; shard 0 runs in the caller's
/// thread. The first exception of the lowest shard is rethrown once all have ended.
template <typename F>
void parallel_shards(int threads, std::int64_t n, const F& f) {
    const int shards = static_cast<int>(std::clamp<std::int64_t>(n, 1, std::max(threads, 1)));
    const auto edge = [&](int shard) { return n * shard / shards; };
    std::vector<std::exception_ptr> errors(shards);
    const auto run = [&](int shard) {
        try {
            f(shard, edge(shard), edge(shard + 1));
        } catch (...) {
            errors[shard] = std::current_exception();
        }
    };
    std::vector<std::jthread> others;
    others.reserve(shards - 1);
    for (int shard = 1; shard < shards; ++shard) others.emplace_back(run, shard);
    run(0);
    others.clear();  // joins
    for (const std::exception_ptr& error : errors) {
        if (error) std::rethrow_exception(error);
    }
}

}  // namespace hashmatch
