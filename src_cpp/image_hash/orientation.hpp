// The eight orientations in PDQ's order, as turns of the pixels.
#pragma once

#include <array>

#include "image_hash/pdq_reference.hpp"

namespace hashmatch::pdq {

// rotate90 is counter-clockwise. A turn flips first and transposes last: np.rot90(a) mirrors left to
// right, then transposes.
inline constexpr std::array<Turn, orientations> turns{{
    {.transpose = false, .flip_rows = false, .flip_columns = false},  // original
    {.transpose = true, .flip_rows = false, .flip_columns = true},    // rotate90
    {.transpose = false, .flip_rows = true, .flip_columns = true},    // rotate180
    {.transpose = true, .flip_rows = true, .flip_columns = false},    // rotate270
    {.transpose = false, .flip_rows = true, .flip_columns = false},   // flip_x
    {.transpose = false, .flip_rows = false, .flip_columns = true},   // flip_y
    {.transpose = true, .flip_rows = false, .flip_columns = false},   // flip_plus1
    {.transpose = true, .flip_rows = true, .flip_columns = true},     // flip_minus1
}};

}  // namespace hashmatch::pdq
