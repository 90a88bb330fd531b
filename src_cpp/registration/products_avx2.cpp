// Products of a placement, AVX2: two registers a vector of 16 lanes. Multiply and add, never fused.
#include "registration/products.hpp"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2")

namespace hashmatch::registration {
namespace {

constexpr int held = 4;

#include "registration/products_body.hpp"

}  // namespace

const Kernels kernels_avx2{rows, columns, from_rows, from_columns, turn};

}  // namespace hashmatch::registration

#pragma GCC pop_options
#endif
