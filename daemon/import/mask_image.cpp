#include "daemon/import/mask_image.hpp"

#include "daemon/import/file_content.hpp"
#include "daemon/import/image_sources.hpp"
#include "daemon/run/pixel_digest.hpp"
#include "detectors/codec/fit2d_mask.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <variant>

namespace sqd {

namespace {

namespace fs = std::filesystem;

FileOptions mask_options(std::string const& dataset) {
    FileOptions options;
    options.decoder.pixels = PixelRule::as_written;
    options.dataset = dataset;
    options.any_number = true;
    return options;
}

std::string ending_of(fs::path const& name) {
    std::string ending = name.extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return ending;
}

InputKind kind_of(fs::path const& file) {
    if (ending_of(file) == ".mask") return InputKind::tiff;
    auto const kind = input_kind(file);
    if (!kind || !is_image(*kind))
        throw DataError("its ending is none of a mask (read are .npy, .edf and .cbf, also .gz and .bz2, .tif, .h5, .msk and .mask) "
                        "save it as one of these");
    return *kind;
}

Mask mask_of(Frame const& frame) {
    Mask mask(frame.rows, frame.cols);
    std::string const bytes = pixels_of(frame);
    std::size_t const width = frame.bits / 8;
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask.pixels[i] = std::string_view(bytes).substr(i * width, width).find_first_not_of('\0') == std::string_view::npos ? 0 : 1;
    return mask;
}

Mask mask_of(FloatImage const& image) {
    Mask mask(image.pixels.rows, image.pixels.cols);
    std::ranges::transform(image.pixels.pixels, mask.pixels.begin(), [](double pixel) { return pixel == 0 ? 0 : 1; });
    return mask;
}

Mask read_image(fs::path const& file, std::string const& dataset) {
    auto const kind = kind_of(file);
    if (!dataset.empty() && kind != InputKind::hdf5)
        throw DataError("'::" + dataset + "' names a dataset (only HDF5 files have those) leave it out");
    auto const sources = image_sources(file, kind, mask_options(dataset));
    ImageFile const opened = sources.front().open();
    if (sources.size() != 1 || opened.images != 1)
        throw DataError("it holds " + (sources.size() == 1 ? std::to_string(opened.images) : std::string("several")) +
                        " images (a mask is one) save one of them by itself, or name one, file.h5::/path");
    return std::visit([](auto const& image) { return mask_of(image); }, opened.read(0));
}

} // namespace

Mask read_mask_image(std::string const& path) {
    auto const [file, dataset] = split_dataset(path);
    try {
        if (ending_of(unpacked_name(file)) == ".msk" && dataset.empty()) {
            DecoderLimits const limits;
            return parse_fit2d_mask(read_all(file, limits.max_image_bytes), limits.max_pixels);
        }
        return read_image(file, dataset);
    } catch (DecodeError const& error) {
        throw DataError(error.what());
    } catch (IoError const& error) {
        throw DataError(error.what());
    }
}

} // namespace sqd
