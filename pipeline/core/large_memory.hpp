// Memory for arrays of many megabytes.
#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>
#include <vector>

namespace sqd {

/// At least `bytes`, on huge pages where the system has them: first touch of 100 MB costs some 10 ms, on small pages 30 to 60, and who
/// reads here and there finds its pages. Throws std::bad_alloc.
void* allocate_large(std::size_t bytes);
void free_large(void* memory, std::size_t bytes) noexcept;

/// Of elements that are 0 unless a value is given, as in any vector; or `unset`, so that whoever fills them touches them first.
template <class T, bool unset = false>
struct LargeAllocator {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));
    using value_type = T;
    template <class U>
    struct rebind {
        using other = LargeAllocator<U, unset>;
    };
    LargeAllocator() = default;
    template <class U>
    LargeAllocator(LargeAllocator<U, unset> const&) noexcept {}
    T* allocate(std::size_t n) {
        if (n > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(allocate_large(n * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t n) noexcept { free_large(memory, n * sizeof(T)); }
    template <class U>
    void construct(U* at) requires unset {
        ::new (static_cast<void*>(at)) U;
    }
    template <class U>
    bool operator==(LargeAllocator<U, unset> const&) const noexcept {
        return true;
    }
};

template <class T>
using LargeArray = std::vector<T, LargeAllocator<T>>;
/// Its elements are not set.
template <class T>
using UnsetArray = std::vector<T, LargeAllocator<T, true>>;

} // namespace sqd
