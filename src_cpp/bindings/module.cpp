// hashmatch._native: a table of contents. Bindings hold no algorithm; src_cpp/include is the core.
#include "bindings/register.hpp"

PYBIND11_MODULE(_native, module, pybind11::mod_gil_not_used()) {
    module.doc() = "hashmatch's C++ core. Use the Python package: it validates, this does not.";
    hashmatch::bindings::register_cpu(module);
    hashmatch::bindings::register_image_hash(module);
    hashmatch::bindings::register_picture_hashes(module);
    hashmatch::bindings::register_hamming_segment(module);
    hashmatch::bindings::register_hamming(module);
    hashmatch::bindings::register_hamming_pairs(module);
    hashmatch::bindings::register_digest_set(module);
    hashmatch::bindings::register_seen_tokens(module);
    hashmatch::bindings::register_registration(module);
    hashmatch::bindings::register_vector(module);
    hashmatch::bindings::register_video_hash(module);
}
