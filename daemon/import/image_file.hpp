// A file of detector images as its format's reader gives it, before it has a place in a series.
#pragma once

#include "daemon/import/file_series.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sqd {

/// One image; series and number are not set yet.
using FileImage = std::variant<Frame, FloatImage>;

struct ImageFile {
    SeriesStart about; ///< what the file says of its series; its key is not set
    std::uint64_t images = 0;
    std::optional<std::uint64_t> first_number; ///< where the file says which of its series' images its first one is, counted from 0
    /// Image `i` < images. Throws DecodeError, IoError.
    std::function<FileImage(std::uint64_t i)> read;
};

/// A file, or a part of one, that is opened when its turn comes.
struct ImageSource {
    std::string item;                ///< its name in events
    bool numbered = false;           ///< name its images "item#0", "item#1", ... even if there is one
    std::function<ImageFile()> open; ///< throws DecodeError, IoError
};

/// Pixels of a file: whole numbers of 1, 2 or 4 bytes, or floating point of 4 or 8; with FileOptions::any_number also whole ones of 8.
struct StoredPixels {
    std::size_t rows = 0, cols = 0;
    unsigned bytes = 4;
    bool is_signed = false, is_real = false;
    bool big_endian = false;

    std::size_t size_bytes() const { return rows * cols * bytes; }
};

/// Throws DecodeError: unsupported where a pixel is none that is read (a 64-bit integer, say), malformed or oversized where the shape is.
void check_stored(StoredPixels const& stored, FileOptions const& options);

/// The image whose pixels are `bytes`, exactly as many as `stored` says (which is checked). `encoding` names the format, `saturation` is
/// the largest valid count where it is known.
FileImage plain_image(std::vector<std::byte> bytes, StoredPixels const& stored, std::string encoding,
                      std::optional<std::uint64_t> saturation, FileOptions const& options);

/// Rows of memory as a message part that owns them.
MessagePart owned_part(std::vector<std::byte> bytes);

} // namespace sqd
