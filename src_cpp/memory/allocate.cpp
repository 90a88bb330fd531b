#include <cstdint>
#include <new>

#include "hashmatch/memory.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace hashmatch {
namespace {

constexpr std::size_t line = 64;
constexpr std::size_t huge_page = std::size_t{1} << 21;
constexpr std::size_t huge_from = 2 * huge_page;

}  // namespace

std::shared_ptr<void> allocate(std::size_t bytes) {
    const std::size_t alignment = bytes >= huge_from ? huge_page : line;
    void* memory = ::operator new(bytes == 0 ? 1 : bytes, std::align_val_t{alignment});
    std::shared_ptr<void> owner(
        memory, [alignment](void* p) { ::operator delete(p, std::align_val_t{alignment}); });
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // A hint: where the system has no huge pages to give, the memory is ordinary.
    if (bytes >= huge_from) (void)madvise(memory, bytes & ~(huge_page - 1), MADV_HUGEPAGE);
#endif
    return owner;
}

}  // namespace hashmatch
