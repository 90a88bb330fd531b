// Digest sets without Python: lookups, sorting and merging against std::map and std::set, on heap
// buffers of the exact size, with honest directories and lying ones. run.sh builds and runs.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "hashmatch/digest_set.hpp"

namespace ds = hashmatch::digest_set;

namespace {

using Text = std::string;  // bytes; char_traits<char> compares them as unsigned

void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "test_digest_set: %s\n", what);
    std::exit(1);
}

// A buffer with nothing behind its last byte.
std::unique_ptr<std::uint8_t[]> exactly(const std::vector<Text>& records) {
    std::size_t n = 0;
    for (const Text& record : records) n += record.size();
    auto buffer = std::make_unique<std::uint8_t[]>(n);
    std::size_t at = 0;
    for (const Text& record : records) {
        std::memcpy(buffer.get() + at, record.data(), record.size());
        at += record.size();
    }
    return buffer;
}

// Random bytes behind `shared` equal ones; `letters` of each byte's 256 values are used.
std::vector<Text> random_texts(std::mt19937_64& rng, int n, int width, int shared, int letters) {
    std::vector<Text> texts(n, Text(width, '\x5a'));
    for (Text& text : texts)
        for (int i = shared; i < width; ++i) text[i] = static_cast<char>(rng() % letters);
    return texts;
}

std::vector<std::uint32_t> directory_of(const ds::Records& records, int stride, int bits) {
    std::vector<std::uint32_t> counts(std::size_t{1} << bits);
    ds::count_leading(records, stride, bits, counts.data());
    std::vector<std::uint32_t> directory(counts.size() + 1);
    for (std::size_t i = 0; i < counts.size(); ++i) directory[i + 1] = directory[i] + counts[i];
    return directory;
}

void compare(std::mt19937_64& rng, int n, int width, bool with_payload, int shared, int letters,
             int bits) {
    const int stride = with_payload ? width + ds::payload_bytes : width;
    std::vector<Text> texts = random_texts(rng, n, stride, shared, letters);
    const std::set<Text> expected(texts.begin(), texts.end());
    std::map<Text, std::vector<Text>> payloads;
    for (const Text& text : expected) payloads[text.substr(0, width)].push_back(text.substr(width));

    auto sorted = exactly(texts);
    const std::int64_t size = ds::sort_records(sorted.get(), n, stride);
    const std::vector<Text> kept(expected.begin(), expected.end());
    const auto records = exactly(kept);
    check(size == static_cast<std::int64_t>(kept.size()), "sort: another number");
    check(size == 0 || std::memcmp(records.get(), sorted.get(), size * stride) == 0,
          "sort: another order");

    const ds::Records all{records.get(), size};
    std::vector<std::uint32_t> directory = directory_of(all, stride, bits);
    const ds::Table table{all, width, stride, directory.data(), bits};
    check(ds::sound(table), "sound: refuses what is");

    std::vector<Text> queries = random_texts(rng, 70, width, shared, letters);
    for (const auto& [digest, _] : payloads) queries.push_back(digest);
    const auto asked = exactly(queries);
    const auto n_queries = static_cast<std::int64_t>(queries.size());
    const auto found = std::make_unique<std::uint8_t[]>(n_queries);
    ds::contains(table, asked.get(), n_queries, found.get());
    std::vector<std::int64_t> first(n_queries);
    std::vector<std::int64_t> offsets(n_queries + 1);
    ds::locate(table, asked.get(), n_queries, first.data(), offsets.data());
    std::vector<std::int64_t> values(offsets.back());
    if (with_payload) ds::read_payloads(table, n_queries, first.data(), offsets.data(), values.data());
    for (std::int64_t i = 0; i < n_queries; ++i) {
        const auto entry = payloads.find(queries[i]);
        const std::size_t count = entry == payloads.end() ? 0 : entry->second.size();
        check(found[i] == (count > 0 ? 1 : 0), "contains: a wrong answer");
        check(offsets[i + 1] - offsets[i] == static_cast<std::int64_t>(count), "locate: a wrong number");
        for (std::size_t k = 0; with_payload && k < count; ++k) {
            std::uint64_t value = 0;
            for (const char byte : entry->second[k])
                value = value << 8 | static_cast<std::uint8_t>(byte);
            value ^= std::uint64_t{1} << 63;
            check(values[offsets[i] + k] == static_cast<std::int64_t>(value), "payloads: a wrong value");
        }
    }

    // A directory that lies is refused; if a file changes after that, nothing outside is read.
    for (int lie = 0; lie < 20; ++lie) {
        std::vector<std::uint32_t> lying = directory;
        auto& place = lying[rng() % lying.size()];
        place = lie % 2 == 0 ? static_cast<std::uint32_t>(rng()) : place + 1;
        const ds::Table forged{all, width, stride, lying.data(), bits};
        check(!ds::sound(forged), "sound: accepts a directory that lies");
        ds::contains(forged, asked.get(), n_queries, found.get());
        ds::locate(forged, asked.get(), n_queries, first.data(), offsets.data());
        values.resize(offsets.back());
        if (with_payload)
            ds::read_payloads(forged, n_queries, first.data(), offsets.data(), values.data());
    }
}

void merging(std::mt19937_64& rng, int stride, int n_runs, int letters) {
    std::set<Text> expected;
    std::vector<std::unique_ptr<std::uint8_t[]>> kept;
    std::vector<ds::Records> runs;
    std::int64_t total = 0;
    for (int i = 0; i < n_runs; ++i) {
        const auto texts = random_texts(rng, static_cast<int>(rng() % 50), stride, stride - 2, letters);
        expected.insert(texts.begin(), texts.end());
        kept.push_back(exactly(texts));
        const auto n = static_cast<std::int64_t>(texts.size());
        runs.push_back({kept.back().get(), ds::sort_records(kept.back().get(), n, stride)});
        total += runs.back().size;
    }
    auto merged = std::make_unique<std::uint8_t[]>(total * stride);
    const std::int64_t n = ds::merge_records(runs, stride, merged.get());
    const std::vector<Text> list(expected.begin(), expected.end());
    check(n == static_cast<std::int64_t>(list.size()), "merge: another number");
    const auto whole = exactly(list);
    check(n == 0 || std::memcmp(merged.get(), whole.get(), n * stride) == 0, "merge: another order");
    for (const auto& bound : random_texts(rng, 20, stride, stride - 2, letters)) {
        const auto place = std::upper_bound(list.begin(), list.end(), bound) - list.begin();
        const auto exact = exactly({bound});
        check(ds::count_up_to({whole.get(), n}, stride, exact.get()) == place,
              "count_up_to: a wrong number");
    }
}

}  // namespace

int main() {
    std::mt19937_64 rng(20261125);
    for (const int width : {16, 20, 32})
        for (const bool with_payload : {false, true}) {
            for (const int n : {0, 1, 2, 31, 32, 33, 500})
                for (const int bits : {0, 1, 7}) compare(rng, n, width, with_payload, 0, 256, bits);
            for (const int shared : {8, width - 1})  // one bucket; few values: repetitions
                compare(rng, 600, width, with_payload, shared, shared == 8 ? 256 : 3, 6);
            for (int n_runs = 0; n_runs < 9; ++n_runs)
                merging(rng, with_payload ? width + ds::payload_bytes : width, n_runs, 7);
        }
    std::puts("test_digest_set: ok");
}
