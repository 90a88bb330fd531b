// Multi-index probes with POPCNT, which every CPU with AVX2 has.
#include "hamming/probe_kernels.hpp"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,popcnt")
#include "hamming/probe_loops.hpp"

namespace hashmatch::hamming {

const ProbeKernels probe_avx2{narrow_plain, verify_plain};

}  // namespace hashmatch::hamming

#pragma GCC pop_options
#endif
