// Multi-index probes without vectors; the specification that every other ISA equals.
#include "hamming/probe_loops.hpp"

namespace hashmatch::hamming {

const ProbeKernels probe_serial{narrow_plain, verify_plain};

}  // namespace hashmatch::hamming
