#include <cstring>
#include <limits>
#include <memory>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/vector_index.hpp"

namespace hashmatch::bindings {
namespace {

using vector::Index;
using vector::SearchResult;
using vector::Segment;

std::int64_t rows_of(const Index& index, const Bytes& vectors) {
    require(vectors.ndim() == 2 && vectors.shape(1) == index.dims(),
            "vectors: expected uint8 (n, dims)");
    return vectors.shape(0);
}

Ids array_of(const std::vector<std::int64_t>& values) {
    Ids array(static_cast<py::ssize_t>(values.size()));
    if (!values.empty())
        std::memcpy(array.mutable_data(), values.data(), values.size() * sizeof(values[0]));
    return array;
}

py::tuple wrapped(const SearchResult& result) {
    return py::make_tuple(array_of(result.offsets), array_of(result.ids), array_of(result.distances));
}

// In every method the arrays are held by the caller's frame, and the core touches no Python object, so
// the GIL is released around it. The index has its own locks, taken only without the GIL: no deadlock.

void add(Index& index, const Bytes& vectors, const Ids& ids) {
    const std::int64_t n = rows_of(index, vectors);
    require(ids.ndim() == 1 && ids.shape(0) == n, "ids: expected int64 (n,)");
    const py::gil_scoped_release released;
    index.add(vectors.data(), ids.data(), n);
}

std::int64_t append(Index& index, const Bytes& vectors) {
    const std::int64_t n = rows_of(index, vectors);
    const py::gil_scoped_release released;
    return index.add(vectors.data(), n);
}

void remove(Index& index, const Ids& ids) {
    require(ids.ndim() == 1, "ids: expected int64 (n,)");
    const py::gil_scoped_release released;
    index.remove(ids.data(), ids.shape(0));
}

void attach(Index& index, const Ids& ids, const Bytes& head, const Bytes& tail, std::int64_t next_id) {
    require(ids.ndim() == 1 && head.ndim() == 1 && tail.ndim() == 1, "planes: expected one axis each");
    const std::int64_t n = ids.shape(0);
    const vector::Layout& layout = index.layout();
    require(head.shape(0) == vector::Layout::plane_bytes(n, layout.head_groups()),
            "head: its size is not that of its rows");
    require(tail.shape(0) == vector::Layout::plane_bytes(n, layout.tail_groups()),
            "tail: its size is not that of its rows");
    const py::gil_scoped_release released;
    index.attach(n, ids.data(), head.data(), tail.data(), next_id);
}

// The arrays share the segment's memory and keep the segment; the caller keeps the index, and with it
// the memory of an attached one.
py::tuple gathered(const Index& index) {
    Index::Content content;
    {
        const py::gil_scoped_release released;
        content = index.gathered();
    }
    const std::shared_ptr<const Segment>& segment = content.segment;
    const std::int64_t n = segment->size();
    using Keeper = std::shared_ptr<const Segment>;
    const py::capsule keeper(new Keeper(segment), [](void* p) { delete static_cast<Keeper*>(p); });
    const auto bytes = [&](const std::uint8_t* data, int groups) {
        return Bytes(vector::Layout::plane_bytes(n, groups), data, keeper);
    };
    return py::make_tuple(Ids(n, segment->ids(), keeper), bytes(segment->head(), segment->head_groups()),
                          bytes(segment->tail(), segment->tail_groups()), content.next_id);
}

py::tuple range_search(const Index& index, const Bytes& queries, std::int64_t max_distance,
                       int threads) {
    const std::int64_t n = rows_of(index, queries);
    require(threads >= 1, "threads: expected 1 or more");
    SearchResult result;
    {
        const py::gil_scoped_release released;
        result = index.range_search(queries.data(), n, max_distance, threads);
    }
    return wrapped(result);
}

py::tuple knn(const Index& index, const Bytes& queries, std::int64_t k) {
    const std::int64_t n = rows_of(index, queries);
    SearchResult result;
    {
        const py::gil_scoped_release released;
        result = index.knn(queries.data(), n, k);
    }
    return wrapped(result);
}

py::tuple plane_sizes(const Index& index, std::int64_t rows) {
    const vector::Layout& layout = index.layout();
    require(rows >= 0 && rows <= std::numeric_limits<std::int64_t>::max() / vector::max_dims / 2,
            "rows: expected a number of rows that memory can hold");
    return py::make_tuple(vector::Layout::plane_bytes(rows, layout.head_groups()),
                          vector::Layout::plane_bytes(rows, layout.tail_groups()));
}

}  // namespace

void register_vector(py::module_& module) {
    py::class_<Index>(module, "VectorIndex")
        .def(py::init<int>(), py::arg("dims"))
        .def_property_readonly("dims", &Index::dims)
        .def_property_readonly("memory_bytes", &Index::memory_bytes)
        .def("__len__", &Index::size)
        .def("add", &add, py::arg("vectors").noconvert(), py::arg("ids").noconvert())
        .def("append", &append, py::arg("vectors").noconvert())
        .def("remove", &remove, py::arg("ids").noconvert())
        .def("plane_sizes", &plane_sizes, py::arg("rows"))
        .def("attach", &attach, py::arg("ids").noconvert(), py::arg("head").noconvert(),
             py::arg("tail").noconvert(), py::arg("next_id"), py::keep_alive<1, 2>(),
             py::keep_alive<1, 3>(), py::keep_alive<1, 4>())
        .def("gathered", &gathered)
        .def("range_search", &range_search, py::arg("queries").noconvert(), py::arg("max_distance"),
             py::arg("threads"))
        .def("knn", &knn, py::arg("queries").noconvert(), py::arg("k"));
}

}  // namespace hashmatch::bindings
