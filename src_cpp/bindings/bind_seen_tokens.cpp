// Tokens met before.
#include "bindings/arrays.hpp"
#include "bindings/register.hpp"
#include "hashmatch/seen_tokens.hpp"

namespace hashmatch::bindings {
namespace {

Bytes add(SeenTokens& seen, const Words& tokens) {
    require(tokens.ndim() == 2 && tokens.shape(1) > 0 && tokens.shape(1) < 64,
            "tokens: expected uint64 (n, 1 to 63)");
    Bytes is_new(tokens.shape(0));
    const std::uint64_t* from = tokens.data();
    std::uint8_t* to = is_new.mutable_data();
    const auto rows = static_cast<std::int64_t>(tokens.shape(0));
    const int width = static_cast<int>(tokens.shape(1));
    {
        // Touches the arrays that this frame holds and the set, which one thread uses at a time.
        const py::gil_scoped_release released;
        seen.add(from, rows, width, to);
    }
    return is_new;
}

}  // namespace

void register_seen_tokens(py::module_& module) {
    py::class_<SeenTokens>(module, "SeenTokens")
        .def(py::init<std::uint64_t>(), py::arg("seed"))
        .def("add", &add, py::arg("tokens").noconvert())
        .def("__len__", &SeenTokens::size);
}

}  // namespace hashmatch::bindings
