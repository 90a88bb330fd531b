// From pixels to PDQ's 64x64 pictures: the banded matrices of both axes, applied.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hashmatch/pdq.hpp"
#include "image_hash/bands.hpp"
#include "image_hash/columns.hpp"
#include "image_hash/pdq_reference.hpp"

namespace hashmatch::pdq {

/// Reduced pictures of the four flips, indexed [flip_rows][flip_columns]; of one turn: only the first.
struct Flips {
    std::array<std::array<Small, 2>, 2> small;
};

/// The matrices of both axes: of one turn, or as they are and read backwards.
struct Matrices {
    std::vector<Bands> vertical;
    std::vector<Projection> horizontal;

    Matrices(std::int64_t height, std::int64_t width, int channels, const Turn& turn);
    Matrices(std::int64_t height, std::int64_t width, int channels);
    explicit Matrices(const Cells& cells);
};

/// The 64x64 pictures of the flips that there are matrices for.
void reduce_bands(const Rows& rows, const Matrices& matrices, Flips& out);

/// The same with every sample clipped to low..high first.
void reduce_clipped(const Rows& rows, std::uint8_t low, std::uint8_t high, const Matrices& matrices,
                    Flips& out);

}  // namespace hashmatch::pdq
