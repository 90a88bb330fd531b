// Sets of digests: lookups, and what building one needs.
#include <cstring>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/digest_set.hpp"

namespace hashmatch::bindings {
namespace {

using digest_set::Records;
using digest_set::Table;

Records records_of(const Bytes& records) {
    require(records.ndim() == 2, "records: expected uint8 (n, bytes)");
    return {records.data(), records.shape(0)};
}

int stride_of(const Bytes& records) {
    const auto stride = records.shape(1);
    const bool known = stride > 0 && stride < 64 &&
                       (digest_set::known_width(static_cast<int>(stride)) ||
                        digest_set::known_width(static_cast<int>(stride) - digest_set::payload_bytes));
    require(known, "records: expected 16, 20, 24, 28, 32 or 40 bytes");
    return static_cast<int>(stride);
}

int radix_bits_of(std::int64_t places) {
    for (int bits = 0; bits <= digest_set::max_radix_bits; ++bits)
        if (places == std::int64_t{1} << bits) return bits;
    throw std::invalid_argument("directory: expected a power of two of buckets, 2^25 at most");
}

// The arrays outlive it: they are held by the caller's frame.
Table table_of(const Bytes& records, const Entries& directory, int width) {
    const Records all = records_of(records);
    const int stride = stride_of(records);
    require(digest_set::known_width(width) &&
                (stride == width || stride == width + digest_set::payload_bytes),
            "width: expected 16, 20 or 32, and records of as many bytes or 8 more");
    require(directory.ndim() == 1 && directory.size() >= 2, "directory: expected uint32 (buckets + 1,)");
    return {all, width, stride, directory.data(), radix_bits_of(directory.size() - 1)};
}

void require_queries(const Bytes& queries, int width) {
    require(queries.ndim() == 2 && queries.shape(1) == width, "queries: expected uint8 (n, width)");
}

bool sound(const Bytes& records, const Entries& directory, int width) {
    const Table table = table_of(records, directory, width);
    // Reads arrays that the caller's frame holds, and no Python object.
    const py::gil_scoped_release released;
    return digest_set::sound(table);
}

Bytes contains(const Bytes& records, const Entries& directory, const Bytes& queries) {
    const int width = static_cast<int>(queries.ndim() == 2 ? queries.shape(1) : 0);
    const Table table = table_of(records, directory, width);
    require_queries(queries, width);
    const std::int64_t n = queries.shape(0);
    Bytes found(n);
    std::uint8_t* out = found.mutable_data();
    {
        // Arrays in and out are held by this frame; the core touches no Python object.
        const py::gil_scoped_release released;
        digest_set::contains(table, queries.data(), n, out);
    }
    return found;
}

py::tuple find(const Bytes& records, const Entries& directory, const Bytes& queries) {
    const int width = static_cast<int>(queries.ndim() == 2 ? queries.shape(1) : 0);
    const Table table = table_of(records, directory, width);
    require_queries(queries, width);
    require(table.has_payload(), "records: expected payloads behind the digests");
    const std::int64_t n = queries.shape(0);
    Ids offsets(n + 1);
    std::int64_t* ends = offsets.mutable_data();
    std::vector<std::int64_t> first;
    {
        // Arrays in and out are held by this frame; the core touches no Python object.
        const py::gil_scoped_release released;
        first.resize(n);
        digest_set::locate(table, queries.data(), n, first.data(), ends);
    }
    Ids payloads(ends[n]);
    std::int64_t* out = payloads.mutable_data();
    {
        const py::gil_scoped_release released;  // as above
        digest_set::read_payloads(table, n, first.data(), ends, out);
    }
    return py::make_tuple(offsets, payloads);
}

std::int64_t sort_records(Bytes& records) {
    const Records all = records_of(records);
    const int stride = stride_of(records);
    std::uint8_t* data = records.mutable_data();
    // The array is held by the caller's frame, who must not read it meanwhile.
    const py::gil_scoped_release released;
    return digest_set::sort_records(data, all.size, stride);
}

std::int64_t count_up_to(const Bytes& records, const Bytes& bound) {
    const int stride = stride_of(records);
    require(bound.ndim() == 1 && bound.size() == stride, "bound: expected one record");
    return digest_set::count_up_to(records_of(records), stride, bound.data());
}

std::int64_t merge_records(const std::vector<Bytes>& runs, Bytes& merged) {
    const int stride = stride_of(merged);
    std::vector<Records> all;
    std::int64_t total = 0;
    for (const Bytes& run : runs) {
        all.push_back(records_of(run));
        require(run.shape(1) == stride, "runs: expected records of the same size");
        total += run.shape(0);
    }
    require(records_of(merged).size >= total, "merged: expected room for all records");
    std::uint8_t* out = merged.mutable_data();
    // `runs` and `merged` are held by this frame and the caller's; no Python object is touched.
    const py::gil_scoped_release released;
    return digest_set::merge_records(all, stride, out);
}

void count_leading(const Bytes& records, Entries& counts) {
    const int stride = stride_of(records);
    const int radix_bits = radix_bits_of(counts.size());
    std::uint32_t* out = counts.mutable_data();
    const Records all = records_of(records);
    // The arrays are held by the caller's frame; no Python object is touched.
    const py::gil_scoped_release released;
    digest_set::count_leading(all, stride, radix_bits, out);
}

}  // namespace

void register_digest_set(py::module_& module) {
    module.def("digest_sound", &sound, py::arg("records").noconvert(), py::arg("directory").noconvert(),
               py::arg("width"));
    module.def("digest_contains", &contains, py::arg("records").noconvert(),
               py::arg("directory").noconvert(), py::arg("queries").noconvert());
    module.def("digest_find", &find, py::arg("records").noconvert(), py::arg("directory").noconvert(),
               py::arg("queries").noconvert());
    module.def("digest_sort", &sort_records, py::arg("records").noconvert());
    module.def("digest_count_up_to", &count_up_to, py::arg("records").noconvert(),
               py::arg("bound").noconvert());
    module.def("digest_merge", &merge_records, py::arg("runs").noconvert(),
               py::arg("merged").noconvert());
    module.def("digest_count_leading", &count_leading, py::arg("records").noconvert(),
               py::arg("counts").noconvert());
}

}  // namespace hashmatch::bindings
