// Products of a placement, AVX-512: a register a vector of 16 lanes. Multiply and add, never fused.
#include "registration/products.hpp"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw")

namespace hashmatch::registration {
namespace {

constexpr int held = 16;

#include "registration/products_body.hpp"

}  // namespace

const Kernels kernels_avx512{rows, columns, from_rows, from_columns, turn};

}  // namespace hashmatch::registration

#pragma GCC pop_options
#endif
