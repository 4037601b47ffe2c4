// Writes the files of a simulated camserver into a folder.
#pragma once

#include "daemon/simulate/player.hpp"

#include <filesystem>

namespace sqd::simulated {

/// Messages are files: name and bytes. A file appears whole, by a rename from a name that ends in .tmp; or `in_place`: opened under its
/// own name and written in two halves, so that whoever reads early finds a torn file. A torn message is a file that stays half.
/// Throws IoError when it cannot write.
Outlet outlet_to_folder(std::filesystem::path const& folder, bool in_place);

} // namespace sqd::simulated
