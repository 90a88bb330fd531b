// Holds the chosen ISA. Nothing is decided in a static initialiser, so that a bad HASHMATCH_ISA is an
// ordinary error of the first kernel call and not a failed import.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "hashmatch/cpu.hpp"

namespace hashmatch::cpu {
namespace {

constexpr int unset = -1;
std::atomic<int> chosen{unset};

std::string names(const std::vector<Isa>& isas) {
    std::string text;
    for (const Isa isa : isas) text += (text.empty() ? "" : ", ") + std::string(name(isa));
    return text;
}

void require(Isa isa) {
    const auto& have = available();
    if (std::find(have.begin(), have.end(), isa) == have.end()) {
        throw std::invalid_argument("isa: this CPU runs " + names(have) + ", not " + name(isa));
    }
}

}  // namespace

const char* name(Isa isa) {
    switch (isa) {
        case Isa::serial:
            return "serial";
        case Isa::avx2:
            return "avx2";
        case Isa::avx512:
            return "avx512";
        case Isa::neon:
            return "neon";
    }
    throw std::invalid_argument("isa: not a member of the enumeration");
}

Isa parse(const std::string& text) {
    for (const Isa isa : {Isa::serial, Isa::avx2, Isa::avx512, Isa::neon}) {
        if (text == name(isa)) return isa;
    }
    throw std::invalid_argument("isa: expected serial, avx2, avx512 or neon, got '" + text + "'");
}

Isa active() {
    const int known = chosen.load(std::memory_order_relaxed);
    if (known != unset) return static_cast<Isa>(known);
    const char* forced = std::getenv("HASHMATCH_ISA");
    Isa isa = available().back();
    if (forced != nullptr && *forced != '\0') {
        isa = parse(forced);
        require(isa);
    }
    int expected = unset;  // a use() that happened meanwhile wins
    chosen.compare_exchange_strong(expected, static_cast<int>(isa));
    return static_cast<Isa>(chosen.load());
}

void use(Isa isa) {
    require(isa);
    chosen.store(static_cast<int>(isa));
}

}  // namespace hashmatch::cpu
