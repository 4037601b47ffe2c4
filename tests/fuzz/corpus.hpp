// The inputs that fuzzing starts from.
#pragma once

#include "tests/fuzz/message_parts.hpp"

#include <string>
#include <vector>

namespace sqd::fuzz {

struct Seed {
    std::string target;
    Part bytes;
};

/// All seeds: written by the encoders of detectors/simulated and of the unit tests; real recordings where they are.
std::vector<Seed> corpus();

std::vector<Seed> message_seeds();
std::vector<Seed> recorded_seeds();
std::vector<Seed> payload_seeds();
std::vector<Seed> journal_seeds();
std::vector<Seed> saved_state_seeds();
std::vector<Seed> text_seeds();

} // namespace sqd::fuzz
