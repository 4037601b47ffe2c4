// How a simulated detector speaks: what its firmware and its settings decide within a protocol.
#pragma once

#include "detectors/simulated/message.hpp"
#include "detectors/simulated/stream1_messages.hpp"

#include <optional>
#include <string>

namespace sqd::simulated {

/// What a protocol does not have, it leaves alone.
struct Dialect {
    enum class Encoding { bslz4, lz4, raw } encoding = Encoding::bslz4; ///< of DECTRIS streams
    unsigned bits = 32;                                                 ///< of a pixel: 8, 16 or 32; Pilatus has 32
    HeaderDetail header_detail = HeaderDetail::all;
    Stream1Dialect api = Stream1Dialect::api_1_8;
    std::optional<bool> cbf; ///< Pilatus, array_stream: whole CBF files, else raw pixels; absent: as is usual there
    unsigned channels = 1;   ///< Stream V2: threshold_1, then threshold_2, then their difference
};

/// The dialect with what the words say, separated by commas: "bs16-lz4<", "lz4<", "<", "8bit", "header_basic", "1.6", "cbf". Throws
/// DataError naming the known ones.
Dialect spoken(Dialect dialect, std::string const& words);
/// As a firmware update would change it: everything that can be different is.
Dialect changed(Dialect dialect);
/// As words.
std::string text_of(Dialect const& dialect);

} // namespace sqd::simulated
