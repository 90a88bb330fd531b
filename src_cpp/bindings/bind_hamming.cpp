#include <cstring>
#include <limits>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/hamming_index.hpp"

namespace hashmatch::bindings {
namespace {

using hamming::Index;
using hamming::SearchResult;

std::int64_t rows_of(const Index& index, const Bytes& hashes) {
    require(hashes.ndim() == 2 && hashes.shape(1) == index.bits() / 8,
            "hashes: expected uint8 (n, bits // 8)");
    return hashes.shape(0);
}

template <typename Array, typename T>
Array array_of(const std::vector<T>& values) {
    Array array(static_cast<py::ssize_t>(values.size()));
    if (!values.empty()) std::memcpy(array.mutable_data(), values.data(), values.size() * sizeof(T));
    return array;
}

py::tuple wrapped(const SearchResult& result) {
    return py::make_tuple(array_of<Ids>(result.offsets), array_of<Ids>(result.ids),
                          array_of<Distances>(result.distances));
}

// In every method the arrays are held by the caller's frame, and the core touches no Python object, so
// the GIL is released around it. The index has its own lock, taken only without the GIL: no deadlock.

void add(Index& index, const Bytes& hashes, const Ids& ids) {
    const std::int64_t n = rows_of(index, hashes);
    require(ids.ndim() == 1 && ids.shape(0) == n, "ids: expected int64 (n,)");
    const py::gil_scoped_release released;
    index.add(hashes.data(), ids.data(), n);
}

std::int64_t append(Index& index, const Bytes& hashes) {
    const std::int64_t n = rows_of(index, hashes);
    const py::gil_scoped_release released;
    return index.add(hashes.data(), n);
}

void remove(Index& index, const Ids& ids) {
    require(ids.ndim() == 1, "ids: expected int64 (n,)");
    const py::gil_scoped_release released;
    index.remove(ids.data(), ids.shape(0));
}

std::int64_t queries_of(const Index& index, const Bytes& queries) {
    const std::int64_t n = rows_of(index, queries);
    require(n <= std::numeric_limits<std::int32_t>::max(), "queries: expected fewer than 2**31");
    return n;
}

py::tuple range_search(const Index& index, const Bytes& queries, int max_distance) {
    const std::int64_t n = queries_of(index, queries);
    SearchResult result;
    {
        const py::gil_scoped_release released;
        result = index.range_search(queries.data(), n, max_distance);
    }
    return wrapped(result);
}

py::tuple knn(const Index& index, const Bytes& queries, std::int64_t k) {
    const std::int64_t n = queries_of(index, queries);
    SearchResult result;
    {
        const py::gil_scoped_release released;
        result = index.knn(queries.data(), n, k);
    }
    return wrapped(result);
}

}  // namespace

void register_hamming(py::module_& module) {
    py::class_<Index>(module, "HammingIndex")
        .def(py::init<int>(), py::arg("bits"))
        .def_property_readonly("bits", &Index::bits)
        .def_property_readonly("memory_bytes", &Index::memory_bytes)
        .def("__len__", &Index::size)
        .def("add", &add, py::arg("hashes").noconvert(), py::arg("ids").noconvert())
        .def("append", &append, py::arg("hashes").noconvert())
        .def("remove", &remove, py::arg("ids").noconvert())
        .def("range_search", &range_search, py::arg("queries").noconvert(), py::arg("max_distance"))
        .def("knn", &knn, py::arg("queries").noconvert(), py::arg("k"));
}

}  // namespace hashmatch::bindings
