#include "daemon/import/hdf5_file.hpp"

#include "daemon/import/hdf5_field.hpp"
#include "daemon/import/hdf5_header.hpp"
#include "daemon/import/hdf5_images.hpp"
#include "daemon/import/hdf5_stack.hpp"

#include <memory>
#include <string>
#include <utility>

namespace sqd {

namespace {

ImageFile open_images(hid_t file, Hdf5Images const& images, SeriesStart const& about, FileOptions const& options) {
    silence_hdf5();
    if (!images.missing.empty()) throw DecodeError(DecodeFault::truncated, images.missing);
    ImageFile out = open_hdf5_stack(file, images.path, about.saturation, options);
    auto const rows = out.about.rows, cols = out.about.cols;
    out.about = about;
    if (about.rows == 0) out.about.rows = rows;
    if (about.cols == 0) out.about.cols = cols;
    return out;
}

} // namespace

std::vector<ImageSource> hdf5_sources(std::filesystem::path const& path, FileOptions const& options) {
    auto const file = std::make_shared<Hdf5Handle const>(open_hdf5(path));
    auto const found = find_hdf5_images(file->id(), path, options.dataset);
    std::string const& inside = found.front().path;
    auto const about = hdf5_series_start(file->id(), inside.substr(0, inside.find('/', 1)), options.decoder.limits);
    std::vector<ImageSource> sources;
    for (auto const& images : found)
        sources.push_back(
            {images.file.string(), true, [file, images, about, options] { return open_images(file->id(), images, about, options); }});
    return sources;
}

} // namespace sqd
