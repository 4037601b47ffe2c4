// Counts what a program takes from operator new; allocations.cpp replaces it, for this one test program.
#pragma once

#include <cstddef>

namespace sqd::test {

/// Starts counting anew: what is held now is the zero of peak_bytes().
void start_counting();
/// Most bytes held at once since start_counting().
std::size_t peak_bytes();

/// The peak of a call.
template <class Call>
std::size_t peak_of(Call const& call) {
    start_counting();
    call();
    return peak_bytes();
}

} // namespace sqd::test
