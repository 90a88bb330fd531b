// How much each bit of a hash says at a placement, and what all of them say together.
#pragma once

#include "registration/fitting.hpp"

namespace hashmatch::registration {

/// Share of each coefficient's variance that the query does not show at a placement, [vertical]
/// [horizontal]: of a picture whose power falls with the square of the frequency, continued
/// harmonically, what is unknown beyond an edge follows in closed form.
void hidden_shares(const Placement& placement, Values& shares);

/// The distance in bits that hashes of equally certain bits would have to agree as well: 128 minus 8
/// times the weighted agreement in standard deviations of what unrelated bits give. A bit's weight is
/// the logarithm of the odds that the query's side has it right: small where its coefficient is near the
/// median, or where the query shows little of what makes it.
float weighted_distance(const Values& values, float median, const Values& signs, const Values& shares);

}  // namespace hashmatch::registration
