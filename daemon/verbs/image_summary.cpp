#include "daemon/verbs/image_summary.hpp"

#include "daemon/run/hashes.hpp"
#include "daemon/run/pixel_digest.hpp"
#include "daemon/verbs/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

namespace sqd {

namespace {

struct Counts {
    std::uint64_t sentinels = 0, sum = 0, max = 0;
};

template <class T>
Counts count(std::string const& bytes) {
    Counts counts;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(T)) {
        T value;
        std::memcpy(&value, bytes.data() + i, sizeof value);
        bool const sentinel = std::numeric_limits<T>::is_signed ? value < T{0} : value == std::numeric_limits<T>::max();
        counts.sentinels += sentinel ? 1 : 0;
        counts.sum += sentinel ? 0 : static_cast<std::uint64_t>(value);
        if (!sentinel) counts.max = std::max(counts.max, static_cast<std::uint64_t>(value));
    }
    return counts;
}

Counts count_pixels(Frame const& frame, std::string const& bytes) {
    switch (frame.bits) {
    case 8: return frame.is_signed ? count<std::int8_t>(bytes) : count<std::uint8_t>(bytes);
    case 16: return frame.is_signed ? count<std::int16_t>(bytes) : count<std::uint16_t>(bytes);
    default: return frame.is_signed ? count<std::int32_t>(bytes) : count<std::uint32_t>(bytes);
    }
}

template <class T>
std::string checksum_as(std::vector<double> const& pixels) {
    std::vector<T> narrow(pixels.size());
    std::ranges::transform(pixels, narrow.begin(), [](double pixel) { return static_cast<T>(pixel); });
    return sha256_hex(std::as_bytes(std::span(narrow)));
}

} // namespace

std::array<char const*, summary_columns> const summary_header{"file",  "series",    "frame", "channel", "encoding", "shape",
                                                              "dtype", "sentinels", "sum",   "max",     "sha256"};

ImageSummary summary_of(std::string const& item, Frame const& frame) {
    std::string const bytes = pixels_of(frame);
    Counts const counts = count_pixels(frame, bytes);
    ImageSummary out;
    out.item = item;
    out.series = frame.series.series_id;
    out.frame = frame.number;
    out.channel = frame.channel;
    out.encoding = frame.encoding;
    out.rows = frame.rows;
    out.cols = frame.cols;
    out.dtype = (frame.is_signed ? "int" : "uint") + std::to_string(frame.bits);
    out.sentinels = counts.sentinels;
    out.sum = counts.sum;
    out.max = counts.max;
    out.sha256 = sha256_hex(bytes);
    return out;
}

ImageSummary summary_of(std::string const& item, FloatImage const& image) {
    auto const& pixels = image.pixels.pixels;
    ImageSummary out;
    out.item = item;
    out.series = image.series.series_id;
    out.frame = image.number;
    out.encoding = image.encoding;
    out.rows = image.pixels.rows;
    out.cols = image.pixels.cols;
    out.dtype = "float" + std::to_string(image.bits);
    double sum = 0, max = 0;
    bool first = true;
    for (double const pixel : pixels) {
        if (!std::isfinite(pixel)) {
            ++out.sentinels;
            continue;
        }
        sum += pixel;
        max = first ? pixel : std::max(max, pixel);
        first = false;
    }
    out.sum = sum;
    out.max = max;
    out.sha256 = image.bits == 32 ? checksum_as<float>(pixels) : checksum_as<double>(pixels);
    return out;
}

std::array<std::string, summary_columns> summary_cells(ImageSummary const& image) {
    return {printable(image.item),
            std::to_string(image.series),
            std::to_string(image.frame),
            image.channel.empty() ? "-" : printable(image.channel),
            printable(image.encoding),
            std::to_string(image.rows) + "x" + std::to_string(image.cols),
            image.dtype,
            std::to_string(image.sentinels),
            image.sum.dump(),
            image.max.dump(),
            image.sha256};
}

nlohmann::json summary_json(ImageSummary const& image) {
    return {{"file", image.item},       {"series", image.series},       {"frame", image.frame},
            {"channel", image.channel}, {"encoding", image.encoding},   {"shape", {image.rows, image.cols}},
            {"dtype", image.dtype},     {"sentinels", image.sentinels}, {"sum", image.sum},
            {"max", image.max},         {"sha256", image.sha256}};
}

} // namespace sqd
