// Registration: a picture, seen through any placement, against bare PDQ hashes.
//
// The query is taken for a known picture that was cropped, framed, shifted or turned. A placement says
// how; through it the query's coefficients are those that the known picture's hash was made of, as far
// as the query shows it. What it does not show is filled by a smooth continuation of its edges.
//
// All arithmetic is float32 in a fixed order, vectors lie across independent outputs and nothing is
// fused: the same bits on every instruction set.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include "hashmatch/pdq.hpp"

namespace hashmatch::registration {

constexpr int side = 256;  // of the compact luma, and of a canvas

/// Where the query lies in the known picture's frame: the share of the known picture's side that the
/// query lacks at each edge (negative: the query has that much more), and the angle in degrees,
/// counter-clockwise, by which the query is turned to stand upright.
struct Placement {
    float left = 0;
    float right = 0;
    float top = 0;
    float bottom = 0;
    float angle = 0;
};

/// A part of the compact luma, in shares of its sides.
struct Window {
    float left = 0;
    float top = 0;
    float right = 1;
    float bottom = 1;
};

/// How far refinement goes.
struct Effort {
    int rounds = 8;  // of all moves; a round that improves nothing halves the steps
    // Give up where the distance is above it after the first, second and third round: a genuine pair
    // falls at once.
    std::array<int, 3> hopeless{74, 70, 66};
    float step = 0.02F;     // of an edge, at first
    float turn = 1.0F;      // of the angle, at first; 0: it is not moved
    int weighing = 6;       // rounds after that by the weighted distance
    float firmness = 0.1F;  // bits that the agreement of the margins is worth, from -1 to 1
};

struct Refined {
    int distance = 0;     // bits, at `placement`
    float weighted = 0;   // bits, as weighted_distance()
    int coarse = 0;       // bits, at the start
    int evaluations = 0;  // placements that were tried
    Placement placement;
    pdq::Hash hash{};  // of the query at `placement`
};

struct Canvas;
struct Fitting;

/// One view of one query. Not for several threads at once: turned canvases are made when first needed.
class Query {
public:
    /// compact: side x side luma of the whole picture, width / height of which is `aspect`. extended:
    /// the window is surrounded by its continuation, for placements that lack something; otherwise the
    /// canvas is finer, and placements must have edges of at most 0.
    Query(const std::uint8_t* compact, float aspect, const Window& window, bool extended);
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    /// Hashes of the query, re-oriented, at n placements: n times pdq::hash_bytes.
    void hashes(const Placement* placements, std::int64_t n, int orientation, std::uint8_t* out);

    /// The placement near `start` at which the re-oriented query comes nearest to the hash.
    Refined refine(const std::uint8_t* hash, const Placement& start, int orientation,
                   const Effort& effort);

private:
    const Canvas& canvas(int orientation, float angle);
    void forget_turned();

    float aspect_;
    std::map<std::pair<int, int>, std::unique_ptr<Canvas>> canvases_;  // orientation, quarter degrees
};

}  // namespace hashmatch::registration
