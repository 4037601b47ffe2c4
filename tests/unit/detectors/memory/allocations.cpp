// operator new and delete over malloc, with a count of what is held.
#include "tests/unit/detectors/memory/allocations.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::ptrdiff_t> held{0}, peak{0}; // operator new has no place to keep them

void* counted(void* memory) {
    if (!memory) throw std::bad_alloc();
    auto const now = held += static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
    for (auto most = peak.load(); now > most && !peak.compare_exchange_weak(most, now);) {
    }
    return memory;
}

void give_back(void* memory) noexcept {
    if (memory) held -= static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
    std::free(memory);
}

} // namespace

void* operator new(std::size_t bytes) {
    return counted(std::malloc(bytes > 0 ? bytes : 1));
}
void* operator new[](std::size_t bytes) {
    return operator new(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    auto const unit = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(unit, (bytes / unit + 1) * unit));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return operator new(bytes, alignment);
}
void operator delete(void* memory) noexcept {
    give_back(memory);
}
void operator delete[](void* memory) noexcept {
    give_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    give_back(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    give_back(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    give_back(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
    give_back(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    give_back(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    give_back(memory);
}

namespace sqd::test {

void start_counting() {
    held = 0;
    peak = 0;
}

std::size_t peak_bytes() {
    return static_cast<std::size_t>(peak.load());
}

} // namespace sqd::test
