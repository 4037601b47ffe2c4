// Reads what an HDF5 file holds in rows: tables of numbers and lists of texts, each only where it is there and of the expected kind.
#pragma once

#include "daemon/hdf5_handle.hpp"
#include "pipeline/core/image.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Two dimensions, at most ten million numbers, NaN included.
std::optional<Image<double>> find_table(hid_t file, std::string const& path);
/// The sum of every row of a table of any length, which is read in strips.
std::optional<std::vector<double>> find_row_sums(hid_t file, std::string const& path);
/// A truth value as h5py writes it, an enumeration of one byte.
std::optional<bool> find_flag(hid_t file, std::string const& path);
/// One dimension, at most ten million texts.
std::optional<std::vector<std::string>> find_texts(hid_t file, std::string const& path);

} // namespace sqd
