// Asks the CPU and the operating system which instruction sets can be run.
//
// avx2    AVX2, and XMM+YMM state saved by the OS (XCR0 bits 1, 2).
// avx512  F, DQ, BW, VL, VNNI, BITALG, VPOPCNTDQ, and opmask+ZMM state saved (XCR0 bits 5..7):
//         Intel Ice Lake, AMD Zen 4 and later.
// neon    part of every AArch64.
// Source  Intel SDM vol. 2 CPUID and vol. 1 section 13.5 (XCR0).
#include "hashmatch/cpu.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace hashmatch::cpu {
namespace {

#if defined(__x86_64__)

struct X86Features {
    bool avx2 = false;
    bool avx512 = false;
};

unsigned long long saved_state() {
    unsigned int low = 0;
    unsigned int high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (static_cast<unsigned long long>(high) << 32) | low;
}

X86Features detect_x86() {
    X86Features found;
    unsigned int a = 0;
    unsigned int b = 0;
    unsigned int c = 0;
    unsigned int d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return found;
    constexpr unsigned int osxsave = 1U << 27;
    constexpr unsigned int popcnt = 1U << 23;
    if (!(c & osxsave) || !(c & popcnt)) return found;
    const unsigned long long state = saved_state();
    constexpr unsigned long long ymm = 0x6;
    constexpr unsigned long long zmm = 0xE6;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
    const auto all = [](unsigned int value, unsigned int bits) { return (value & bits) == bits; };
    found.avx2 = (state & ymm) == ymm && all(b, 1U << 5);
    const unsigned int ebx = (1U << 16) | (1U << 17) | (1U << 30) | (1U << 31);  // F DQ BW VL
    const unsigned int ecx = (1U << 11) | (1U << 12) | (1U << 14);               // VNNI BITALG VPOPCNTDQ
    found.avx512 = found.avx2 && (state & zmm) == zmm && all(b, ebx) && all(c, ecx);
    return found;
}

#endif

std::vector<Isa> detect() {
    std::vector<Isa> found{Isa::serial};
#if defined(__x86_64__)
    const X86Features x86 = detect_x86();
    if (x86.avx2) found.push_back(Isa::avx2);
    if (x86.avx512) found.push_back(Isa::avx512);
#elif defined(__aarch64__)
    found.push_back(Isa::neon);
#endif
    return found;
}

}  // namespace

const std::vector<Isa>& available() {
    static const std::vector<Isa> found = detect();
    return found;
}

}  // namespace hashmatch::cpu
