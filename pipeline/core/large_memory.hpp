// Memory for arrays of many megabytes.
#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace sqd {

/// At least `bytes`, on huge pages where the system has them: first touch of 100 MB costs some 10 ms, 30 to 60 ms on small pages.
/// Throws std::bad_alloc.
void* allocate_large(std::size_t bytes);
void free_large(void* memory, std::size_t bytes) noexcept;

/// Of elements that resize() does not set, so that whoever fills them touches them first.
template <class T>
struct LargeAllocator {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));
    using value_type = T;
    LargeAllocator() = default;
    template <class U>
    LargeAllocator(LargeAllocator<U> const&) noexcept {}
    T* allocate(std::size_t n) {
        if (n > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(allocate_large(n * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t n) noexcept { free_large(memory, n * sizeof(T)); }
    template <class U, class... Arguments>
    void construct(U* at, Arguments&&... arguments) {
        if constexpr (sizeof...(Arguments) == 0)
            ::new (static_cast<void*>(at)) U;
        else
            ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
    }
    template <class U>
    bool operator==(LargeAllocator<U> const&) const noexcept {
        return true;
    }
};

/// A vector whose elements are not set unless a value is given.
template <class T>
using LargeArray = std::vector<T, LargeAllocator<T>>;

} // namespace sqd
