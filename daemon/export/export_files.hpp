// Which files an archived result becomes, and how they get names that nothing has yet.
#pragma once

#include "daemon/archive/read_archive.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// One way of writing results: its word on the command line, and what it holds.
struct ExportFormat {
    char const *word, *holds;
};
std::span<ExportFormat const> export_formats();

/// One file, made when its name is known.
struct ExportFile {
    std::string format, kind; ///< "dat" of "net"
    std::string ending;       ///< ".dat"
    bool says_kind = false;   ///< several kinds have this ending: the kind belongs into the name
    std::function<std::string(std::string const& path)> content;
};

/// The files of one format, none where the result has no such curve. Throws DataError for a word that is none.
std::vector<ExportFile> files_of(ArchivedResult const& archived, std::string const& format);

/// A file that is there: written now, or before with the same bytes.
struct ExportedFile {
    std::string format, kind;
    std::filesystem::path path;
};

/// Writes all files beside each other as NAME, or NAME_1, NAME_2, ...: the first for which each is not there yet, or has the same bytes
/// (and is left alone). NAME is the template filled in; the kind is added as `_net` where it is needed and the template has no {kind}.
/// Throws IoError (output).
std::vector<ExportedFile> write_files(std::vector<ExportFile> const& files, std::filesystem::path const& directory,
                                      std::string const& name_template, std::map<std::string, std::string> const& fields);

} // namespace sqd
