#include <cstring>

#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/picture_hashes.hpp"

namespace hashmatch::bindings {
namespace {

picture::Pixels pixels_of(const Bytes& array) {
    require(array.ndim() == 2 || (array.ndim() == 3 && array.shape(2) == 3),
            "pixels: expected uint8 (h, w) or (h, w, 3)");
    return {array.data(), array.shape(0), array.shape(1), array.ndim() == 2 ? 1 : 3};
}

// Every function here: the array is held by the caller's frame, so its bytes stay alive and in place;
// the core touches no Python object while the GIL is released.

template <typename Hash>
py::tuple hashed(const Bytes& array, Hash hash) {
    const picture::Pixels pixels = pixels_of(array);
    picture::Result result;
    {
        const py::gil_scoped_release released;
        result = hash(pixels);
    }
    Bytes bytes(result.n_bytes);
    std::memcpy(bytes.mutable_data(), result.bytes.data(), static_cast<std::size_t>(result.n_bytes));
    return py::make_tuple(bytes, result.quality());
}

Bytes reduced_luma(const Bytes& array, std::int64_t height, std::int64_t width) {
    require(height > 0 && width > 0, "height, width: expected at least 1");
    const picture::Pixels pixels = pixels_of(array);
    std::vector<std::uint8_t> small;
    {
        const py::gil_scoped_release released;
        small = picture::reduced_luma(pixels, height, width);
    }
    Bytes out({height, width});
    std::memcpy(out.mutable_data(), small.data(), small.size());
    return out;
}

/// The picture itself where it is not stretched.
Bytes stretched(const Bytes& array) {
    const picture::Pixels pixels = pixels_of(array);
    if (!picture::is_stretched(pixels)) return array;
    std::vector<std::uint8_t> square;
    {
        const py::gil_scoped_release released;
        square = picture::stretched(pixels);
    }
    std::vector<py::ssize_t> shape{picture::stretch_limit, picture::stretch_limit};
    if (pixels.channels == 3) shape.push_back(3);
    Bytes out(shape);
    std::memcpy(out.mutable_data(), square.data(), square.size());
    return out;
}

}  // namespace

void register_picture_hashes(py::module_& module) {
    const auto define = [&module](const char* name, picture::Result (*hash)(const picture::Pixels&)) {
        module.def(
            name, [hash](const Bytes& pixels) { return hashed(pixels, hash); },
            py::arg("pixels").noconvert());
    };
    define("ahash", &picture::average);
    define("dhash", &picture::difference);
    define("whash", &picture::wavelet);
    define("blockhash", &picture::blockhash_quick);
    define("blockhash_precise", &picture::blockhash_precise);
    define("phash", [](const picture::Pixels& pixels) { return picture::frequency(pixels, 8); });
    define("phash256", [](const picture::Pixels& pixels) { return picture::frequency(pixels, 16); });
    module.def("reduced_luma", &reduced_luma, py::arg("pixels").noconvert(), py::arg("height"),
               py::arg("width"));
    module.def("stretched", &stretched, py::arg("pixels").noconvert());
}

}  // namespace hashmatch::bindings
