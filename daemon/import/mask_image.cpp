#include "daemon/import/mask_image.hpp"

#include "daemon/import/file_content.hpp"
#include "daemon/import/image_sources.hpp"
#include "daemon/import/single_image.hpp"
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

std::string ending_of(fs::path const& name) {
    std::string ending = name.extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return ending;
}

InputKind mask_kind(fs::path const& file) {
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

} // namespace

Mask read_mask_image(std::string const& path) {
    auto const [file, dataset] = split_dataset(path);
    try {
        if (ending_of(unpacked_name(file)) == ".msk" && dataset.empty()) {
            DecoderLimits const limits;
            return parse_fit2d_mask(read_all(file, limits.max_image_bytes), limits.max_pixels);
        }
        return std::visit([](auto const& image) { return mask_of(image); }, read_single_image(file, mask_kind(file), dataset, "a mask"));
    } catch (DecodeError const& error) {
        throw DataError(error.what());
    } catch (IoError const& error) {
        throw DataError(error.what());
    }
}

} // namespace sqd
