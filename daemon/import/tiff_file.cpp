#include "daemon/import/tiff_file.hpp"

#include "daemon/import/file_content.hpp"
#include "detectors/camserver/cbf_description.hpp"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

namespace {

/// An open file and the first thing that libtiff had to say since last asked.
class TiffFile {
public:
    TiffFile(std::filesystem::path const& path, DecoderLimits const& limits) {
        open_content(path, limits.max_image_bytes); // says why where the file cannot be read
        std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> const how(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
        TIFFOpenOptionsSetErrorHandlerExtR(how.get(), keep_error, this);
        TIFFOpenOptionsSetWarningHandlerExtR(how.get(), ignore, this);
        constexpr auto most = static_cast<std::size_t>(std::numeric_limits<tmsize_t>::max());
        TIFFOpenOptionsSetMaxSingleMemAlloc(how.get(), static_cast<tmsize_t>(std::min(limits.max_image_bytes, most)));
        constexpr char const* read_only_unmapped = "rm"; // a file that another program cuts must not end this one
        file_.reset(TIFFOpenExt(path.c_str(), read_only_unmapped, how.get()));
        if (!file_) fail("not a TIFF file");
    }
    TiffFile(TiffFile const&) = delete;
    TiffFile& operator=(TiffFile const&) = delete;

    TIFF* get() const { return file_.get(); }
    [[noreturn]] void fail(std::string const& problem) const {
        throw DecodeError(DecodeFault::corrupt, problem + " (" + (error_.empty() ? "libtiff gives no reason" : error_) + ")");
    }
    void to_page(tdir_t page) {
        error_.clear();
        bool const next = page == TIFFCurrentDirectory(get()) + 1; // SetDirectory would walk there from the first
        if (page == TIFFCurrentDirectory(get())) return;
        if ((next ? TIFFReadDirectory(get()) : TIFFSetDirectory(get(), page)) == 0) fail("page cannot be read");
    }

private:
    static int keep_error(TIFF*, void* self, char const*, char const* format, std::va_list arguments) {
        std::array<char, 300> text{};
        std::vsnprintf(text.data(), text.size(), format, arguments);
        auto& kept = static_cast<TiffFile*>(self)->error_;
        if (kept.empty()) kept = text.data();
        return 1;
    }
    static int ignore(TIFF*, void*, char const*, char const*, std::va_list) { return 1; }

    std::string error_;
    std::unique_ptr<TIFF, decltype(&TIFFClose)> file_{nullptr, TIFFClose};
};

template <class T>
T tag(TIFF* file, std::uint32_t which, T absent) {
    T value = absent;
    return TIFFGetFieldDefaulted(file, which, &value) == 1 ? value : absent;
}

bool has_single_bits(TIFF* file) {
    return tag<std::uint16_t>(file, TIFFTAG_BITSPERSAMPLE, 1) == 1;
}

/// Single bits are taken as bytes that are 0 or 1.
StoredPixels stored_of(TIFF* file, bool any_number) {
    auto const per_pixel = tag<std::uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL, 1), bits = tag<std::uint16_t>(file, TIFFTAG_BITSPERSAMPLE, 1);
    auto const format = tag<std::uint16_t>(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (per_pixel != 1)
        throw DecodeError(DecodeFault::unsupported, "page of " + std::to_string(per_pixel) + " numbers per pixel (a picture in colour?)");
    if (bits == 1 && any_number) {
        if (tag<std::uint16_t>(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) != PHOTOMETRIC_MINISBLACK || TIFFIsTiled(file) != 0)
            throw DecodeError(DecodeFault::unsupported, "single bits of which 0 is white, or in tiles (which ones are masked is not clear) "
                                                        "save it with 8 bits per pixel");
        return {tag<std::uint32_t>(file, TIFFTAG_IMAGELENGTH, 0), tag<std::uint32_t>(file, TIFFTAG_IMAGEWIDTH, 0), 1, false, false, false};
    }
    if (bits % 8 != 0) throw DecodeError(DecodeFault::unsupported, "pixels of " + std::to_string(bits) + " bits (8, 16, 32 are read)");
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_INT && format != SAMPLEFORMAT_IEEEFP && format != SAMPLEFORMAT_VOID)
        throw DecodeError(DecodeFault::unsupported, "complex pixels (integers and floating point are read)");
    return {tag<std::uint32_t>(file, TIFFTAG_IMAGELENGTH, 0),
            tag<std::uint32_t>(file, TIFFTAG_IMAGEWIDTH, 0),
            bits / 8u,
            format == SAMPLEFORMAT_INT,
            format == SAMPLEFORMAT_IEEEFP,
            false}; // libtiff gives the pixels in the order of this machine
}

void read_strips(TiffFile const& file, StoredPixels const& stored, std::vector<std::byte>& out) {
    std::size_t const row_bytes = stored.cols * stored.bytes;
    auto const rows_per_strip = std::min<std::size_t>(tag<std::uint32_t>(file.get(), TIFFTAG_ROWSPERSTRIP, 0), stored.rows);
    if (rows_per_strip == 0) throw DecodeError(DecodeFault::malformed, "strips without rows");
    std::uint32_t strip = 0;
    for (std::size_t row = 0; row < stored.rows; row += rows_per_strip, ++strip) {
        std::size_t const bytes = std::min(rows_per_strip, stored.rows - row) * row_bytes;
        auto const read = TIFFReadEncodedStrip(file.get(), strip, out.data() + row * row_bytes, static_cast<tmsize_t>(bytes));
        if (read < 0 || static_cast<std::size_t>(read) != bytes) file.fail("strip " + std::to_string(strip) + " cannot be read");
    }
}

/// The highest bit of a byte first.
void read_bits(TiffFile const& file, StoredPixels const& stored, std::vector<std::byte>& out) {
    std::vector<std::byte> line(stored.cols / 8 + 1);
    if (TIFFScanlineSize64(file.get()) > line.size()) throw DecodeError(DecodeFault::malformed, "lines longer than the image is wide");
    for (std::size_t row = 0; row < stored.rows; ++row) {
        if (TIFFReadScanline(file.get(), line.data(), static_cast<std::uint32_t>(row), 0) < 0)
            file.fail("line " + std::to_string(row) + " cannot be read");
        for (std::size_t col = 0; col < stored.cols; ++col) out[row * stored.cols + col] = line[col / 8] >> (7 - col % 8) & std::byte{1};
    }
}

void read_tiles(TiffFile const& file, StoredPixels const& stored, FileOptions const& options, std::vector<std::byte>& out) {
    std::size_t const wide = tag<std::uint32_t>(file.get(), TIFFTAG_TILEWIDTH, 0),
                      high = tag<std::uint32_t>(file.get(), TIFFTAG_TILELENGTH, 0);
    StoredPixels tile = stored;
    tile.rows = high;
    tile.cols = wide;
    check_stored(tile, options);
    std::vector<std::byte> pixels(tile.size_bytes());
    for (std::size_t row = 0; row < stored.rows; row += high)
        for (std::size_t col = 0; col < stored.cols; col += wide) {
            auto const number = TIFFComputeTile(file.get(), static_cast<std::uint32_t>(col), static_cast<std::uint32_t>(row), 0, 0);
            auto const read = TIFFReadEncodedTile(file.get(), number, pixels.data(), static_cast<tmsize_t>(pixels.size()));
            if (read < 0 || static_cast<std::size_t>(read) != pixels.size())
                file.fail("tile " + std::to_string(number) + " cannot be read");
            std::size_t const line = std::min(wide, stored.cols - col) * stored.bytes;
            for (std::size_t r = 0; r < std::min(high, stored.rows - row); ++r)
                std::memcpy(out.data() + ((row + r) * stored.cols + col) * stored.bytes, pixels.data() + r * wide * stored.bytes, line);
        }
}

/// The lines that camserver writes into its files, CBF and TIFF alike.
SeriesStart description_of(TIFF* file, StoredPixels const& stored) {
    constexpr std::size_t longest = 64 * 1024;
    char const* text = nullptr;
    CbfImage image;
    image.rows = stored.rows;
    image.cols = stored.cols;
    if (TIFFGetField(file, TIFFTAG_IMAGEDESCRIPTION, &text) == 1 && text != nullptr) image.header = {text, strnlen(text, longest)};
    image.count_cutoff = stated_count_cutoff(image.header);
    return describe_cbf(image);
}

FileImage read_page(TiffFile& file, tdir_t page, FileOptions const& options) {
    file.to_page(page);
    StoredPixels const stored = stored_of(file.get(), options.any_number);
    check_stored(stored, options);
    std::vector<std::byte> pixels(stored.size_bytes());
    if (has_single_bits(file.get()))
        read_bits(file, stored, pixels);
    else
        TIFFIsTiled(file.get()) != 0 ? read_tiles(file, stored, options, pixels) : read_strips(file, stored, pixels);
    SeriesStart const about = description_of(file.get(), stored);
    FileImage image = plain_image(std::move(pixels), stored, "tiff", about.saturation, options);
    std::visit([&](auto& any) { any.exposure_s = about.count_time_s; }, image);
    return image;
}

} // namespace

ImageFile open_tiff_file(std::filesystem::path const& path, FileOptions const& options) {
    auto const file = std::make_shared<TiffFile>(path, options.decoder.limits);
    ImageFile out;
    StoredPixels const first = stored_of(file->get(), options.any_number);
    out.about = description_of(file->get(), first);
    out.images = TIFFNumberOfDirectories(file->get());
    out.read = [file, options](std::uint64_t i) { return read_page(*file, static_cast<tdir_t>(i), options); };
    return out;
}

} // namespace sqd
