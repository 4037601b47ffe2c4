#include "daemon/import/image_sources.hpp"

#include "daemon/import/cbf_file.hpp"
#include "daemon/import/edf_file.hpp"
#include "daemon/import/hdf5_file.hpp"
#include "daemon/import/npy_file.hpp"
#include "daemon/import/tiff_file.hpp"

namespace sqd {

namespace {

using OpenImageFile = ImageFile (*)(std::filesystem::path const&, FileOptions const&);

OpenImageFile reader_of(InputKind kind) {
    switch (kind) {
    case InputKind::cbf: return open_cbf_file;
    case InputKind::tiff: return open_tiff_file;
    case InputKind::edf: return open_edf_file;
    default: return open_npy_file;
    }
}

} // namespace

std::pair<std::filesystem::path, std::string> split_dataset(std::filesystem::path const& path) {
    std::string const text = path.string();
    auto const at = text.rfind("::");
    if (at == text.npos || at == 0) return {path, ""};
    return {text.substr(0, at), text.substr(at + 2)};
}

std::vector<ImageSource> image_sources(std::filesystem::path const& file, InputKind kind, FileOptions const& options) {
    if (kind == InputKind::hdf5) return hdf5_sources(file, options);
    auto const open = reader_of(kind);
    return {{file.string(), false, [open, file, options] { return open(file, options); }}};
}

} // namespace sqd
