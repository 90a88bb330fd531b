// HammingSegment: the arrays of a segment, out to a file and in from one.
#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/hamming_segment.hpp"

namespace hashmatch::bindings {
namespace {

using hamming::Segment;

// A run over an array's memory, which it keeps alive. The last reader may be a thread without the GIL.
template <typename T, typename Array>
Run<T> run_over(const Array& array) {
    const auto* kept = new Array(array);
    std::shared_ptr<const void> owner(kept, [](const void* p) {
        if (Py_IsInitialized() == 0) return;
        const py::gil_scoped_acquire acquired;
        delete static_cast<const Array*>(p);
    });
    return Run<T>(array.data(), array.size(), std::move(owner));
}

// A read-only array over a segment's memory, which it keeps alive.
template <typename Array, typename T>
Array view_of(const std::shared_ptr<Segment>& segment, const Run<T>& run) {
    auto* kept = new std::shared_ptr<Segment>(segment);
    const py::capsule base(kept, [](void* p) { delete static_cast<std::shared_ptr<Segment>*>(p); });
    Array array({static_cast<py::ssize_t>(run.size())}, run.data(), base);
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    return array;
}

std::shared_ptr<Segment> from_arrays(int bits, const Words& blocks, const Ids& ids, int chunks,
                                     int key_bits, const Entries& directory, const Entries& entries) {
    const hamming::Layout layout(bits);
    const std::int64_t n = ids.size();
    require(ids.ndim() == 1 && blocks.ndim() == 1 && blocks.size() == layout.block_words(n),
            "blocks: expected uint64 of the size that bits and ids imply");
    auto segment = std::make_shared<Segment>(
        Segment{layout, run_over<std::uint64_t>(blocks), run_over<std::int64_t>(ids), {}});
    if (chunks != 0) {
        const hamming::TableShape shape = hamming::table_shape(bits, n, chunks, key_bits);
        require(shape.chunks == chunks, "tables: expected a shape that fits the hashes");
        require(directory.size() == shape.directory_size() && entries.size() == chunks * n,
                "tables: expected directory and entries of the size that the shape implies");
        segment->tables = {shape, run_over<std::uint32_t>(directory), run_over<std::uint32_t>(entries)};
    }
    return segment;
}

// A segment with tables of a stated shape; none where chunks is 0.
std::shared_ptr<Segment> from_hashes(int bits, const Bytes& hashes, const Ids& ids, int chunks,
                                     int key_bits) {
    const hamming::Layout layout(bits);
    const std::int64_t n = ids.size();
    require(hashes.ndim() == 2 && hashes.shape(0) == n && hashes.shape(1) == layout.bytes(),
            "hashes: expected uint8 (n, bits // 8)");
    // The arrays are held by the caller's frame, and the core touches no Python object.
    const py::gil_scoped_release released;
    auto segment =
        std::make_shared<Segment>(*hamming::make_segment(layout, hashes.data(), ids.data(), n, false));
    if (chunks != 0) {
        const hamming::TableShape shape = hamming::table_shape(bits, n, chunks, key_bits);
        require(shape.chunks == chunks, "tables: expected a shape that fits the hashes");
        segment->tables = hamming::build_tables(layout, segment->planes(), shape);
    }
    return segment;
}

Bytes hashes_at(const Segment& segment, const Ids& positions) {
    const auto n = positions.size();
    Bytes hashes({n, static_cast<py::ssize_t>(segment.layout.bytes())});
    std::vector<std::uint64_t> words(segment.layout.words());
    for (py::ssize_t i = 0; i < n; ++i) {
        const std::int64_t position = positions.data()[i];
        require(position >= 0 && position < segment.size(), "positions: expected 0..len - 1");
        segment.words_at(position, words.data());
        segment.layout.unpack(words.data(), hashes.mutable_data() + i * segment.layout.bytes());
    }
    return hashes;
}

}  // namespace

void register_hamming_segment(py::module_& module) {
    py::class_<Segment, std::shared_ptr<Segment>>(module, "HammingSegment")
        .def_static("from_arrays", &from_arrays, py::arg("bits"), py::arg("blocks").noconvert(),
                    py::arg("ids").noconvert(), py::arg("chunks"), py::arg("key_bits"),
                    py::arg("directory").noconvert(), py::arg("entries").noconvert())
        .def_static("from_hashes", &from_hashes, py::arg("bits"), py::arg("hashes").noconvert(),
                    py::arg("ids").noconvert(), py::arg("chunks"), py::arg("key_bits"))
        .def("__len__", &Segment::size)
        .def_property_readonly("bits", [](const Segment& s) { return s.layout.bits(); })
        .def_property_readonly("chunks", [](const Segment& s) { return s.tables.shape.chunks; })
        .def_property_readonly("key_bits", [](const Segment& s) { return s.tables.shape.key_bits; })
        .def_property_readonly(
            "blocks", [](const std::shared_ptr<Segment>& s) { return view_of<Words>(s, s->blocks); })
        .def_property_readonly("ids",
                               [](const std::shared_ptr<Segment>& s) { return view_of<Ids>(s, s->ids); })
        .def_property_readonly(
            "directory",
            [](const std::shared_ptr<Segment>& s) { return view_of<Entries>(s, s->tables.directory); })
        .def_property_readonly(
            "entries",
            [](const std::shared_ptr<Segment>& s) { return view_of<Entries>(s, s->tables.entries); })
        .def("hashes_at", &hashes_at, py::arg("positions").noconvert())
        // Reads the whole segment and no Python object.
        .def(
            "sound", [](const Segment& s) { return hamming::sound(s); },
            py::call_guard<py::gil_scoped_release>());
}

}  // namespace hashmatch::bindings
