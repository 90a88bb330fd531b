// Coordinate descent from a coarse placement to the one at which the query comes nearest to a hash.
#include <algorithm>
#include <cmath>

#include "image_hash/pdq_coefficients.hpp"
#include "registration/evidence.hpp"

namespace hashmatch::registration {
namespace {

constexpr float most_lacking = 0.48F;
constexpr float most_extra = -4.0F;
constexpr float least_shown = 0.2F;  // of the known picture's side
constexpr float most_turned = 9.0F;

// The hash's bits as +1 and -1, in the order of the coefficients.
Values signs_of(const std::uint8_t* hash) {
    Values signs;
    for (std::size_t k = 0; k < signs.size(); ++k) {
        const std::size_t byte = pdq::hash_bytes - 1 - k / 8;
        signs[k] = (hash[byte] >> (k % 8) & 1) != 0 ? 1.0F : -1.0F;
    }
    return signs;
}

Fit fit_of(const Values& values, const Values& signs, float firmness) {
    const float median = lower_median(values);
    constexpr int lanes = 16;
    std::array<float, lanes> agreeing{};
    std::array<float, lanes> total{};
    std::array<int, lanes> wrong{};
    for (std::size_t k = 0; k < values.size(); k += lanes) {
        for (int l = 0; l < lanes; ++l) {
            const float margin = values[k + l] - median;
            const float sign = signs[k + l];
            agreeing[l] += margin * sign;
            total[l] += std::abs(margin);
            wrong[l] += (margin > 0) != (sign > 0) ? 1 : 0;
        }
    }
    float sum = 0;
    float all = 0;
    int distance = 0;
    for (int l = 0; l < lanes; ++l) {
        sum += agreeing[l];
        all += total[l];
        distance += wrong[l];
    }
    const float share = all > 0 ? sum / all : 0;
    return {distance, static_cast<float>(distance) - firmness * share};
}

bool possible(float before, float after) {
    return before <= most_lacking && after <= most_lacking && before >= most_extra &&
           after >= most_extra && 1 - before - after >= least_shown;
}

enum class Move { left, right, top, bottom, angle };

float& edge_of(Placement& placement, Move move) {
    switch (move) {
        case Move::left:
            return placement.left;
        case Move::right:
            return placement.right;
        case Move::top:
            return placement.top;
        case Move::bottom:
            return placement.bottom;
        default:
            return placement.angle;
    }
}

}  // namespace

Refined Query::refine(const std::uint8_t* hash, const Placement& start, int orientation,
                      const Effort& effort) {
    forget_turned();
    const Values signs = signs_of(hash);
    auto product = std::make_unique<Product>(kernels_for(cpu::active()));
    Values values;
    Refined result;
    bool weighing = false;
    Values shares;
    const auto evaluate = [&](const Placement& placement, bool by_rows) -> Fit {
        ++result.evaluations;
        const Canvas& on = canvas(orientation, placement.angle);
        if (by_rows) {
            product->along_rows(on, placement, values);
        } else {
            product->along_columns(on, placement, values);
        }
        if (!weighing) return fit_of(values, signs, effort.firmness);
        hidden_shares(placement, shares);
        return {0, weighted_distance(values, lower_median(values), signs, shares)};
    };
    Placement at = start;
    at.angle = std::round(at.angle * 4) / 4;
    Fit best = evaluate(at, true);
    result.coarse = best.distance;
    float step = effort.step;
    float turn = effort.turn;
    constexpr std::array<Move, 4> edges{Move::left, Move::right, Move::top, Move::bottom};
    const auto attempt = [&](const Placement& to, bool by_rows) {
        if (!possible(to.left, to.right) || !possible(to.top, to.bottom)) return false;
        if (std::abs(to.angle) > most_turned) return false;
        const Fit fit = evaluate(to, by_rows);
        if (fit.cost >= best.cost - 1e-6F) return false;
        best = fit;
        at = to;
        return true;
    };
    const auto descend = [&](int rounds) -> bool {
        for (int round = 0; round < rounds; ++round) {
            bool moved = false;
            for (const Move move : edges) {
                const bool by_rows = move == Move::left || move == Move::right;
                for (const float by : {step, -step}) {
                    Placement to = at;
                    edge_of(to, move) += by;
                    if (attempt(to, by_rows)) moved = true;
                }
            }
            if (turn >= 0.25F && (weighing || round > 0)) {  // most candidates end with the first round
                for (const float by : {turn, -turn}) {
                    Placement to = at;
                    to.angle = std::round((to.angle + by) * 4) / 4;
                    if (attempt(to, true)) moved = true;
                }
            }
            const auto k = static_cast<std::size_t>(round);
            if (!weighing && k < effort.hopeless.size() && best.distance > effort.hopeless[k])
                return false;
            if (!moved) {
                step /= 2;
                turn /= 2;
            }
        }
        return true;
    };
    const bool hopeful = descend(effort.rounds);
    if (effort.weighing > 0 && hopeful) {
        weighing = true;
        best = evaluate(at, true);
        step = effort.step / 2;
        turn = effort.turn / 2;
        descend(effort.weighing);
    }
    product->along_rows(canvas(orientation, at.angle), at, values);
    hidden_shares(at, shares);
    result.weighted = weighted_distance(values, lower_median(values), signs, shares);
    result.hash = pdq::bits(values).hash;
    result.distance = 0;
    for (std::size_t k = 0; k < result.hash.size(); ++k) {
        result.distance += std::popcount(static_cast<unsigned>(result.hash[k] ^ hash[k]));
    }
    result.placement = at;
    return result;
}

}  // namespace hashmatch::registration
