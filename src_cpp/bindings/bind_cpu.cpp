#include <pybind11/stl.h>

#include "bindings/register.hpp"
#include "hashmatch/cpu.hpp"

#if defined(__clang__)
#define HASHMATCH_COMPILER "clang " __clang_version__
#else
#define HASHMATCH_COMPILER "gcc " __VERSION__
#endif

namespace hashmatch::bindings {

void register_cpu(pybind11::module_& module) {
    module.def("available_isas", [] {
        std::vector<std::string> names;
        for (const cpu::Isa isa : cpu::available()) names.emplace_back(cpu::name(isa));
        return names;
    });
    module.def("active_isa", [] { return std::string(cpu::name(cpu::active())); });
    module.def("use_isa", [](const std::string& name) { cpu::use(cpu::parse(name)); });
    module.def("compiler", [] { return std::string(HASHMATCH_COMPILER); });
}

}  // namespace hashmatch::bindings
