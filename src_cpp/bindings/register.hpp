// One function per topic; module.cpp is the table of contents.
#pragma once

#include <pybind11/pybind11.h>

namespace hashmatch::bindings {

void register_cpu(pybind11::module_& module);
void register_image_hash(pybind11::module_& module);
void register_picture_hashes(pybind11::module_& module);
void register_hamming_segment(pybind11::module_& module);
void register_hamming(pybind11::module_& module);
void register_hamming_pairs(pybind11::module_& module);
void register_digest_set(pybind11::module_& module);
void register_seen_tokens(pybind11::module_& module);
void register_registration(pybind11::module_& module);
void register_vector(pybind11::module_& module);
void register_video_hash(pybind11::module_& module);

}  // namespace hashmatch::bindings
