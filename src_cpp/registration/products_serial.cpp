// Products of a placement in vectors of four floats, which every target has: the specification of the
// others, and NEON on AArch64.
#include "registration/products.hpp"

namespace hashmatch::registration {
namespace {

constexpr int lanes = 4;
constexpr int vectors = 2;
constexpr int together = 2;

#include "registration/products_body.hpp"

}  // namespace

const Kernels kernels_serial{rows, columns, from_rows, from_columns, turn};

}  // namespace hashmatch::registration
