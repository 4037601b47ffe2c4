// Reads what an HDF5 file holds beside its images: single numbers and texts, each only where it is there and of the expected kind.
#pragma once

#include "daemon/hdf5_handle.hpp"

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// Takes over `id` as Hdf5Handle does, but a failed call is a DecodeError (corrupt) `what (HDF5's reason)`: the file is to blame.
Hdf5Handle opened(hid_t id, Hdf5Handle::Close close, std::string const& what);

/// Opens for reading. Throws IoError (input) where the file is not there, DecodeError where it is no HDF5 file or a cut one.
Hdf5Handle open_hdf5(std::filesystem::path const& path);

/// A scalar, or the only number of an array; nullopt for everything else. A "units" attribute that is none of `units` makes it absent:
/// better no number than one in another unit. No `units`: not looked at.
std::optional<double> find_real(hid_t file, std::string const& path, std::initializer_list<char const*> units = {});
/// A list of at most ten million numbers, NaN and infinity included.
std::optional<std::vector<double>> find_reals(hid_t file, std::string const& path);
std::optional<std::uint64_t> find_count(hid_t file, std::string const& path);
/// At most 64 KiB of text.
std::optional<std::string> find_text(hid_t file, std::string const& path);

/// A whole number in an attribute of an object.
std::optional<std::uint64_t> find_attribute(hid_t object, char const* name);
/// A text in an attribute of the object at `path`.
std::optional<std::string> find_text_attribute(hid_t file, std::string const& path, char const* name);

/// Whether every link on the way to `path` is there; the last one may point nowhere.
bool has_link(hid_t file, std::string const& path);
/// Whether there is an object at `path`.
bool has_object(hid_t file, std::string const& path);

} // namespace sqd
