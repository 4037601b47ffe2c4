// Numbers the series of a sender that names none, from its headers, ends, message numbers and frame numbers.
#pragma once

#include "detectors/frame_reset.hpp"
#include "pipeline/core/frame.hpp"

#include <cstdint>
#include <optional>

namespace sqd::pilatus_stream {

/// Series count up from 1 by their headers; images before any header are series 0. A lost header or end is made up for: what comes after an
/// end, and a count that begins anew, is the next series. Senders that number their messages (`message`, counting on across series) may
/// reorder them: then the numbers decide what belongs where, and what arrives late is handed to the series that it is of.
class SeriesCounter {
public:
    /// The series of an image. `told`: its message number says so, and the series is over; otherwise it is the running one.
    struct Place {
        std::uint64_t series = 0;
        bool told = false;
    };

    std::uint64_t header(std::optional<std::uint64_t> message);
    /// Throws DecodeError (mismatch) for a late image of a series that was over before the first header.
    Place image(std::optional<std::uint64_t> message, std::optional<std::uint64_t> frame);
    /// The end of the running series; one that is late or repeated names its own.
    SeriesEnd end(std::optional<std::uint64_t> message);

private:
    void open();
    void count_from_here();
    bool begins_anew(std::optional<std::uint64_t> message, std::optional<std::uint64_t> frame);

    std::uint64_t running_ = 0;
    bool seen_ = false, before_seen_ = false;                    ///< anything of the running series, of the one before
    bool ended_ = false;                                         ///< the running one
    std::optional<std::uint64_t> header_message_, end_message_;  ///< of the running series
    std::optional<std::uint64_t> first_image_message_;           ///< lowest, of a series without header
    std::optional<std::uint64_t> latest_message_, latest_frame_; ///< of the image with the highest message number
    FrameReset reset_;                                           ///< for senders that do not number their messages
    std::optional<std::uint64_t> repeated_frame_;                ///< theirs: a number that comes again at once is a repeated message
    std::uint64_t content_ = 0;
};

} // namespace sqd::pilatus_stream
