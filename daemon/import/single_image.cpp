#include "daemon/import/single_image.hpp"

#include "daemon/import/image_sources.hpp"
#include "daemon/run/pixel_digest.hpp"
#include "detectors/codec/byte_order.hpp"
#include "pipeline/core/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

namespace sqd {

namespace {

namespace fs = std::filesystem;

template <class T>
void widen(std::span<std::byte const> bytes, std::vector<double>& out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(load_little<T>(bytes.data() + i * sizeof(T)));
}

Image<double> numbers_of(Frame const& frame) {
    Image<double> out(frame.rows, frame.cols);
    std::string const pixels = pixels_of(frame);
    auto const bytes = std::as_bytes(std::span(pixels));
    switch (frame.bits) {
    case 8: frame.is_signed ? widen<std::int8_t>(bytes, out.pixels) : widen<std::uint8_t>(bytes, out.pixels); break;
    case 16: frame.is_signed ? widen<std::int16_t>(bytes, out.pixels) : widen<std::uint16_t>(bytes, out.pixels); break;
    default: frame.is_signed ? widen<std::int32_t>(bytes, out.pixels) : widen<std::uint32_t>(bytes, out.pixels); break;
    }
    return out;
}

Image<double> numbers_of(FloatImage const& image) {
    return image.pixels;
}

InputKind image_kind(fs::path const& file) {
    auto const kind = input_kind(file);
    if (!kind || !is_image(*kind))
        throw DataError(
            "its ending is none of an image (read are .npy, .edf and .cbf, also .gz and .bz2, .tif and .h5) save it as one of these");
    return *kind;
}

} // namespace

FileImage read_single_image(fs::path const& file, InputKind kind, std::string const& dataset, std::string const& what) {
    if (!dataset.empty() && kind != InputKind::hdf5)
        throw DataError("'::" + dataset + "' names a dataset (only HDF5 files have those) leave it out");
    FileOptions options;
    options.decoder.pixels = PixelRule::as_written;
    options.dataset = dataset;
    options.any_number = true;
    auto const sources = image_sources(file, kind, options);
    ImageFile const opened = sources.front().open();
    if (sources.size() != 1 || opened.images != 1)
        throw DataError("it holds " + (sources.size() == 1 ? std::to_string(opened.images) : std::string("several")) + " images (" + what +
                        " is one) save one of them by itself, or name one, file.h5::/path");
    return opened.read(0);
}

Image<double> read_number_image(std::string const& path) {
    auto const [file, dataset] = split_dataset(path);
    try {
        return std::visit([](auto const& image) { return numbers_of(image); },
                          read_single_image(file, image_kind(file), dataset, "a flat field"));
    } catch (DecodeError const& error) {
        throw DataError(error.what());
    } catch (IoError const& error) {
        throw DataError(error.what());
    }
}

} // namespace sqd
