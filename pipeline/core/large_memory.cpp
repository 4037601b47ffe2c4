#include "pipeline/core/large_memory.hpp"

#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace sqd {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20, least_for_huge = 2 * huge_page;

} // namespace

void* allocate_large(std::size_t bytes) {
    if (bytes < least_for_huge) return ::operator new(bytes);
    void* const out = std::aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);
    if (out == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    madvise(out, bytes, MADV_HUGEPAGE); // a wish: without it all is the same, only slower
#endif
    return out;
}

void free_large(void* memory, std::size_t bytes) noexcept {
    if (bytes < least_for_huge)
        ::operator delete(memory);
    else
        std::free(memory);
}

} // namespace sqd
