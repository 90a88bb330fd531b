// Exact membership among MD5, SHA-1 and SHA-256 digests.
//
// A record is a digest, and behind it, in sets with payloads, 8 bytes: the payload big-endian with its
// sign bit turned. So the order of the bytes is the order by (digest, payload). Records ascend strictly.
// The directory says, for each value of the digests' leading radix_bits, where its records begin: with
// one read of it a lookup has its bucket, four to eight records of digests that are as random as
// digests are. Digests chosen to share a bucket cost a binary search among them, and no more.
#pragma once

#include <cstdint>
#include <span>

namespace hashmatch::digest_set {

constexpr int payload_bytes = 8;
constexpr int max_radix_bits = 25;

/// Whether digests of this many bytes exist here: 16, 20 or 32.
bool known_width(int width);

/// Some records that lie one behind the other.
struct Records {
    const std::uint8_t* data = nullptr;
    std::int64_t size = 0;  ///< records
};

struct Table {
    Records records;
    int width = 0;                             ///< bytes of a digest
    int stride = 0;                            ///< bytes of a record: width, or width + payload_bytes
    const std::uint32_t* directory = nullptr;  ///< (1 << radix_bits) + 1 positions
    int radix_bits = 0;

    bool has_payload() const { return stride != width; }
    std::int64_t directory_size() const { return (std::int64_t{1} << radix_bits) + 1; }
};

/// Whether records ascend strictly and the directory says of each exactly where it is. Reads everything.
bool sound(const Table& table);

/// found[i] = 1 where digest i of `queries` is there, else 0.
void contains(const Table& table, const std::uint8_t* queries, std::int64_t n, std::uint8_t* found);

/// Records of digest i are first[i], ... first[i] + offsets[i + 1] - offsets[i] - 1; offsets[0] is 0.
void locate(const Table& table, const std::uint8_t* queries, std::int64_t n, std::int64_t* first,
            std::int64_t* offsets);

/// The payloads of what `locate` found, one digest's behind the other's.
void read_payloads(const Table& table, std::int64_t n, const std::int64_t* first,
                   const std::int64_t* offsets, std::int64_t* payloads);

/// Sorts n records of `stride` bytes in place and moves one of each to the front. Returns how many.
std::int64_t sort_records(std::uint8_t* records, std::int64_t n, int stride);

/// How many of the ascending records are at most `bound`.
std::int64_t count_up_to(Records records, int stride, const std::uint8_t* bound);

/// Merges runs of strictly ascending records into `merged`, one of each. Returns how many.
std::int64_t merge_records(std::span<const Records> runs, int stride, std::uint8_t* merged);

/// Adds the records to the counts of their leading bits; counts has 1 << radix_bits places.
void count_leading(Records records, int stride, int radix_bits, std::uint32_t* counts);

}  // namespace hashmatch::digest_set
