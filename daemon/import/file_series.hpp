// Detector files as what a detector says: a series starts, images come, the series ends.
#pragma once

#include "detectors/decoder.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/frame.hpp"
#include "pipeline/core/image.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sqd {

/// An image of floating-point pixels; only files have those.
struct FloatImage {
    SeriesKey series;
    std::uint64_t number = 0; ///< as Frame::number
    Image<double> pixels;
    unsigned bits = 64; ///< of the file's pixels: 32 or 64
    std::string encoding;
    std::optional<double> exposure_s;
};

/// What could not be read; what comes after it may be.
struct UnreadItem {
    DecodeFault fault = DecodeFault::malformed;
    std::string what; ///< `problem (why) suggestion`, without the item
};

/// One thing that the files say, and which of them says it, under the path that was asked for: "run/scan_0003.cbf",
/// "run/scan_data_000001.h5#12", "run/m0004", "run/000001.cbor".
struct FileEvent {
    std::string item;
    std::variant<SeriesStart, Frame, SeriesEnd, FloatImage, UnreadItem> says;
};

/// Gives the events one after another, nullopt after the last. Reads as it goes: at any time one image is in memory, and those that
/// the caller keeps. Frames hold tile readers like those of a live stream, not yet prepared. Throws no DecodeError: that is an UnreadItem.
using FileReading = std::function<std::optional<FileEvent>()>;

struct FileOptions {
    DecoderOptions decoder;    ///< limits hold for files, too
    bool all_channels = false; ///< of messages with several: a frame of each, in place of decoder.channel
    std::string kind;          ///< protocol of recorded messages, as `source.kind`; empty: told by their content
    std::string dataset;       ///< path of the images inside an HDF5 file; empty: found
    /// Also pixels that no detector sends and masks have: true and false, single bits, 64-bit integers (which become a FloatImage),
    /// columns one after another.
    bool any_number = false;
    std::uint64_t series_id = 1;      ///< given to images; recorded messages have their own
    std::optional<double> exposure_s; ///< of an image, in place of what the files say
};

struct FileSeries {
    FileReading next;
    std::uint64_t images = 0; ///< how many will come, as far as can be told before they are read; 0 = not known
    std::string name;         ///< "scan_0001"; of several files what their names have in common: "scan"
};

/// Images (.cbf, .edf and .npy, also .gz and .bz2; .tif; .h5) or recorded messages (mNNNN_pK.bin, .cbor, .cbors): one file of one or many
/// images, a folder, or several files of one kind in the order given. Files of a folder are taken in natural order of their names.
/// Images are numbered from 0 across the files; the numbers of recorded messages are theirs.
/// `file.h5::/path` names the dataset as `dataset` does.
/// Throws IoError (input) for a path that is not there, DataError for files that are no series, ConfigError for an unknown `kind`.
/// A bad file among several is an UnreadItem in its place.
FileSeries open_file_series(std::vector<std::filesystem::path> const& paths, FileOptions const& options);

} // namespace sqd
