// Instruction sets: which this CPU has, which one the kernels use.
//
// An ISA is chosen once (the best available, or the one that HASHMATCH_ISA names) and can be changed
// with use_isa(). Every ISA gives the same results bit for bit; only speed differs.
#pragma once

#include <string>
#include <vector>

namespace hashmatch::cpu {

enum class Isa { serial, avx2, avx512, neon };

/// Name as the API and HASHMATCH_ISA spell it.
const char* name(Isa isa);

/// The ISA of that name. Throws std::invalid_argument that lists the known names.
Isa parse(const std::string& text);

/// What this CPU and operating system can run, slowest first; always starts with serial.
const std::vector<Isa>& available();

/// The ISA in use. The first call reads HASHMATCH_ISA; an unknown or unavailable name there throws
/// std::invalid_argument at every call until use() sets another one: never a silent fallback.
Isa active();

/// Use this ISA from now on, in every thread. Throws std::invalid_argument if it is unavailable.
void use(Isa isa);

}  // namespace hashmatch::cpu
