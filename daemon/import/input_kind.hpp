// What an input file is, by its name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

enum class InputKind { cbf, tiff, edf, npy, hdf5, message_parts, message, message_sequence };

/// By ending, or as mNNNN_pK.bin; nullopt for a name that is none of an input.
std::optional<InputKind> input_kind(std::filesystem::path const& file);
/// As an error names it: "CBF images".
char const* name(InputKind kind);
bool is_image(InputKind kind);

/// Files of one series and what they are.
struct InputFiles {
    InputKind kind = InputKind::cbf;
    std::vector<std::filesystem::path> files;
};

/// The inputs in a folder, in natural order: its recorded messages or its images, which must be of one kind. Where there are HDF5 master
/// files, the files that they link to are not named again. Other files are passed over.
/// Throws IoError (input) for a folder that cannot be read, DataError where there is nothing to read, or are two kinds.
InputFiles inputs_in(std::filesystem::path const& folder);

/// What is in a folder and in those below it, each kind of each folder by itself; links to folders are not followed. Empty where there is
/// nothing to read.
std::vector<InputFiles> inputs_below(std::filesystem::path const& folder);

/// A folder, or one or several files. Throws as above, and DataError for files of more than one kind or of no known one.
InputFiles inputs_of(std::vector<std::filesystem::path> const& paths);

/// A name for what the files hold: that of the folder or file without endings, counters and DECTRIS' _master or _data; of several files
/// what their names have in common.
std::string series_name(std::vector<std::filesystem::path> const& paths);

} // namespace sqd
