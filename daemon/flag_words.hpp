// What a flag of a result means, in words.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace sqd {

/// A row of the tables of flags in pipeline/README.md: "`no_dark`" or "`ended_by_<reason>`", several of them separated by commas, and
/// what they mean.
struct FlagRow {
    char const *flags, *means;
};
/// All rows, in the order of the page.
std::span<FlagRow const> flag_rows();

/// "q_gap:3.00-4.00" gives "no values there; ...". Empty for a flag that is not known.
std::string words_of_flag(std::string const& flag);

/// One line for each: "q_gap:3.00-4.00: no values there; ...".
std::vector<std::string> flags_in_words(std::vector<std::string> const& flags);

} // namespace sqd
