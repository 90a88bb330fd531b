// Products of a placement in whatever vectors the compiler has: the specification of the others, and
// NEON on AArch64.
#include "registration/products.hpp"

namespace hashmatch::registration {
namespace {

constexpr int held = 2;

#include "registration/products_body.hpp"

}  // namespace

const Kernels kernels_serial{rows, columns, from_rows, from_columns, turn};

}  // namespace hashmatch::registration
