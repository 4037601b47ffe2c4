// What comparisons need of an archive file.
#include "daemon/archive/read_result.hpp"

#include "daemon/archive/read_archive.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/compare.hpp"

#include <algorithm>

namespace sqd {

namespace {

namespace fs = std::filesystem;

bool inside(fs::path const& directory, fs::path const& file) {
    return std::mismatch(directory.begin(), directory.end(), file.begin(), file.end()).first == directory.end();
}

} // namespace

ComparedResult read_result(fs::path const& path) {
    try {
        return compared_part(read_archive(path, ArchiveParts::curves).result);
    } catch (DecodeError const& error) {
        throw DecodeError(error.fault(), path.string() + ": " + error.what());
    } catch (DataError const& error) {
        throw DataError(path.string() + ": " + error.what());
    }
}

ComparedResult read_archived(fs::path const& directory, std::string const& name) {
    std::error_code error;
    fs::path const root = fs::canonical(directory, error), file = error ? fs::path{} : fs::canonical(root / name, error);
    // A link or `..` may lead anywhere; what counts is where it ends. The system reads a name up to its first NUL.
    if (error || name.find('\0') != name.npos || !inside(root, file) || !fs::is_regular_file(file, error))
        throw DataError("no file of that name in the archive (name it relative to the archive's directory)");
    return compared_part(read_archive(file, ArchiveParts::curves).result);
}

} // namespace sqd
