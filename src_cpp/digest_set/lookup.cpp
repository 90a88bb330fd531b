// Lookups of many digests: directory and records are asked for ahead of their use, a group at a time.
//
// Cost    one line of the directory and one to three of the records a lookup, all in flight together;
//         in a bucket of n records log2(n) more. benchmarks/bench_digest_set.py has the numbers.
// Limits  positions are clamped to the records, so that a mapped file that is written to after it was
//         checked can spoil answers, but no memory outside is read.
#include <algorithm>

#include "digest_set/order.hpp"
#include "hashmatch/digest_set.hpp"

namespace hashmatch::digest_set {
namespace {

constexpr int group_size = 32;
constexpr std::int64_t line = 64;
constexpr std::int64_t lines_ahead = 4;

struct Bucket {
    std::int64_t first;
    std::int64_t last;  // one past
};

template <int Width>
class Lookup {
public:
    explicit Lookup(const Table& table) : table_(table) {}

    // Calls emit(i, first, bucket's last, key) for each query; first: of the records not below it.
    template <typename Emit>
    void each(const std::uint8_t* queries, std::int64_t n, Emit emit) const {
        Key<Width> keys[group_size];
        std::uint64_t values[group_size];
        Bucket buckets[group_size];
        for (std::int64_t begin = 0; begin < n; begin += group_size) {
            const int size = static_cast<int>(std::min<std::int64_t>(group_size, n - begin));
            for (int i = 0; i < size; ++i) {
                keys[i] = Key<Width>::of(queries + (begin + i) * Width);
                values[i] = leading(keys[i].word[0], table_.radix_bits);
                __builtin_prefetch(table_.directory + values[i]);
            }
            for (int i = 0; i < size; ++i) {
                buckets[i] = bucket(values[i]);
                prefetch(buckets[i]);
            }
            for (int i = 0; i < size; ++i)
                emit(begin + i, lower_bound(buckets[i], keys[i]), buckets[i].last, keys[i]);
        }
    }

    bool is_at(std::int64_t position, std::int64_t last, const Key<Width>& key) const {
        return position < last && key.equals(at(position));
    }

    // One past the records of the digest, of which `first` is the first.
    std::int64_t end_of(std::int64_t first, std::int64_t last, const Key<Width>& key) const {
        std::int64_t step = 1;
        while (is_at(first + step, last, key)) step *= 2;
        std::int64_t from = first + step / 2 + 1;
        std::int64_t to = std::min(first + step, last);
        while (from < to) {
            const std::int64_t middle = from + (to - from) / 2;
            if (key.equals(at(middle)))
                from = middle + 1;
            else
                to = middle;
        }
        return to;
    }

private:
    const std::uint8_t* at(std::int64_t position) const {
        return table_.records.data + position * table_.stride;
    }

    Bucket bucket(std::uint64_t value) const {
        const std::int64_t last =
            std::min<std::int64_t>(table_.directory[value + 1], table_.records.size);
        return {std::min<std::int64_t>(table_.directory[value], last), last};
    }

    void prefetch(const Bucket& bucket) const {
        const std::int64_t n_bytes = (bucket.last - bucket.first) * table_.stride;
        if (n_bytes > lines_ahead * line) {
            __builtin_prefetch(at(bucket.first + (bucket.last - bucket.first) / 2));
            return;
        }
        const std::uint8_t* records = at(bucket.first);
        for (std::int64_t byte = 0; byte < n_bytes; byte += line) __builtin_prefetch(records + byte);
        if (n_bytes > 0) __builtin_prefetch(records + n_bytes - 1);
    }

    std::int64_t lower_bound(Bucket bucket, const Key<Width>& key) const {
        while (bucket.first < bucket.last) {
            const std::int64_t middle = bucket.first + (bucket.last - bucket.first) / 2;
            if (key.above(at(middle)))
                bucket.first = middle + 1;
            else
                bucket.last = middle;
        }
        return bucket.first;
    }

    const Table& table_;
};

}  // namespace

bool known_width(int width) {
    return width == 16 || width == 20 || width == 32;
}

void contains(const Table& table, const std::uint8_t* queries, std::int64_t n, std::uint8_t* found) {
    with_stride(table.width, [&]<int Width>() {
        const Lookup<Width> lookup(table);
        lookup.each(queries, n,
                    [&](std::int64_t i, std::int64_t first, std::int64_t last, const Key<Width>& key) {
                        found[i] = lookup.is_at(first, last, key) ? 1 : 0;
                    });
    });
}

void locate(const Table& table, const std::uint8_t* queries, std::int64_t n, std::int64_t* first,
            std::int64_t* offsets) {
    offsets[0] = 0;
    with_stride(table.width, [&]<int Width>() {
        const Lookup<Width> lookup(table);
        lookup.each(queries, n,
                    [&](std::int64_t i, std::int64_t found, std::int64_t last, const Key<Width>& key) {
                        const bool there = lookup.is_at(found, last, key);
                        first[i] = found;
                        offsets[i + 1] =
                            offsets[i] + (there ? lookup.end_of(found, last, key) - found : 0);
                    });
    });
}

void read_payloads(const Table& table, std::int64_t n, const std::int64_t* first,
                   const std::int64_t* offsets, std::int64_t* payloads) {
    for (std::int64_t i = 0; i < n; ++i) {
        const std::uint8_t* record = table.records.data + first[i] * table.stride + table.width;
        for (std::int64_t k = offsets[i]; k < offsets[i + 1]; ++k, record += table.stride)
            payloads[k] = static_cast<std::int64_t>(word_at(record) ^ std::uint64_t{1} << 63);
    }
}

}  // namespace hashmatch::digest_set
