#include "daemon/import/hdf5_file.hpp"

#include "daemon/import/hdf5_field.hpp"
#include "daemon/import/hdf5_header.hpp"
#include "daemon/import/hdf5_images.hpp"
#include "daemon/import/hdf5_stack.hpp"

#include <string>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

/// The file is opened again when its turn comes, and closed with its images: a series may have more files than a process may open.
ImageFile open_images(fs::path const& path, Hdf5Images const& images, SeriesStart const& about, FileOptions const& options) {
    if (!images.missing.empty()) throw DecodeError(DecodeFault::truncated, images.missing);
    ImageFile out = open_hdf5_stack(open_hdf5(path).id(), images.path, about.saturation, options);
    auto const rows = out.about.rows, cols = out.about.cols;
    out.about = about;
    if (about.rows == 0) out.about.rows = rows;
    if (about.cols == 0) out.about.cols = cols;
    return out;
}

} // namespace

std::vector<ImageSource> hdf5_sources(fs::path const& path, FileOptions const& options) {
    Hdf5Handle const file = open_hdf5(path);
    auto const found = find_hdf5_images(file.id(), path, options);
    std::string const& inside = found.front().path;
    auto const about = hdf5_series_start(file.id(), inside.substr(0, inside.find('/', 1)), options.decoder.limits);
    std::vector<ImageSource> sources;
    for (auto const& images : found)
        sources.push_back(
            {images.file.string(), true, [path, images, about, options] { return open_images(path, images, about, options); }});
    return sources;
}

} // namespace sqd
