// CBF files: the text before the pixels, the byte-offset data, the tiles. With bit 0 of byte 0 the shape is believed as the file says
// it, else the sample's is asked for; with bit 1 the rest is bare byte-offset data.
#include "detectors/camserver/cbf_description.hpp"
#include "detectors/codec/cbf.hpp"
#include "detectors/descriptions.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/fuzz/targets.hpp"

#include <cmath>

namespace sqd::fuzz {

namespace {

void check_description(Bytes file) {
    auto const said = describe_cbf_file(file);
    if (!said) return;
    require(said->description.size() <= 100 && said->serial_number.size() <= 100 && said->date.size() <= 100, "described in few words");
    for (auto const& value : {said->count_time_s, said->frame_time_s, said->threshold_keV, said->wavelength_A, said->pixel1_m,
                              said->pixel2_m, said->sensor_thickness_um})
        require(!value || (std::isfinite(*value) && *value > 0), "what a file states is positive and finite");
    description_disagreement(said->description, detector_models().front());
}

void run_file(Bytes file, bool own_shape) {
    check_description(file);
    std::optional<CbfImage> image;
    try {
        image = parse_cbf(file);
        require(image->packed.data() >= file.data() && image->packed.data() + image->packed.size() <= file.data() + file.size(),
                "the packed pixels lie inside the file");
    } catch (DecodeError const&) {
    }
    std::size_t rows = sample_rows, cols = sample_cols;
    if (own_shape && image) {
        if (image->cols == 0 || image->rows > limits().max_pixels / image->cols) return;
        rows = image->rows;
        cols = image->cols;
    }
    CbfTiles tiles({file, nullptr}, rows, cols), again({file, nullptr}, rows, cols);
    auto const pixels = read_frame(tiles, rows * cols);
    require(pixels == read_frame(again, rows * cols), "a file reads the same again");
    require(!pixels || image, "pixels come from a file that can be parsed");
}

void run_byte_offset(Bytes packed) {
    std::vector<std::uint32_t> pixels(sample_rows * sample_cols);
    try {
        decode_byte_offset(packed, pixels);
        require(packed.size() >= pixels.size(), "a pixel takes at least a byte");
    } catch (DecodeError const&) {
    }
}

} // namespace

void run_cbf(Bytes input) {
    auto const [flags, rest] = take_byte(input);
    if (flags & 2)
        run_byte_offset(rest);
    else
        run_file(rest, flags & 1);
}

} // namespace sqd::fuzz
