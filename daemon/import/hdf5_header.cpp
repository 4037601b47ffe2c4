#include "daemon/import/hdf5_header.hpp"

#include "daemon/import/hdf5_field.hpp"
#include "daemon/import/hdf5_stack.hpp"
#include "daemon/run/pixel_digest.hpp"
#include "detectors/codec/byte_order.hpp"

#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace sqd {

namespace {

/// Fields of the detector, wherever its format's version keeps them.
class DetectorFields {
public:
    DetectorFields(hid_t file, std::string const& entry) : file_(file), detector_(entry + "/instrument/detector/") {}

    std::optional<double> positive(std::string const& name, std::initializer_list<char const*> units, double factor = 1) const {
        for (auto const& path : places(name))
            if (auto const value = find_real(file_, path, units); value && *value > 0) return *value * factor;
        return std::nullopt;
    }
    std::optional<std::uint64_t> count(std::string const& name) const {
        for (auto const& path : places(name))
            if (auto const value = find_count(file_, path)) return value;
        return std::nullopt;
    }
    std::optional<bool> flag(std::string const& name) const {
        auto const value = count(name);
        return value ? std::optional(*value != 0) : std::nullopt;
    }
    std::optional<std::string> text(std::string const& name) const {
        for (auto const& path : places(name))
            if (auto const value = find_text(file_, path)) return value;
        return std::nullopt;
    }
    std::vector<std::string> places(std::string const& name) const { return {detector_ + name, detector_ + "detectorSpecific/" + name}; }

private:
    hid_t file_;
    std::string detector_;
};

std::optional<std::uint64_t> images_expected(DetectorFields const& fields) {
    auto const images = fields.count("nimages");
    auto const triggers = fields.count("ntrigger").value_or(1);
    if (!images || *images == 0 || triggers == 0 || *images > std::numeric_limits<std::uint64_t>::max() / triggers) return std::nullopt;
    return *images * triggers;
}

/// The same two fields as in the stream; the cutoff says nothing when the count-rate correction is off.
std::optional<std::uint64_t> saturation_of(DetectorFields const& fields, std::optional<bool> corrected) {
    if (auto const value = fields.count("saturation_value"); value && *value > 0) return value;
    auto const cutoff = fields.count("countrate_correction_count_cutoff");
    return cutoff && *cutoff > 0 && corrected.value_or(true) ? cutoff : std::nullopt;
}

std::shared_ptr<std::vector<std::uint32_t> const> read_mask(hid_t file, std::string const& path, SeriesStart const& start,
                                                            DecoderLimits const& limits) {
    FileOptions as_written;
    as_written.decoder.limits = limits;
    as_written.decoder.pixels = PixelRule::as_written;
    FileImage const image = open_hdf5_stack(file, path, std::nullopt, as_written).read(0);
    auto const* frame = std::get_if<Frame>(&image);
    if (frame == nullptr || (start.rows != 0 && start.rows != frame->rows) || (start.cols != 0 && start.cols != frame->cols))
        throw DecodeError(DecodeFault::mismatch, "pixel mask is no integer image of the detector's shape");
    std::string const bytes = pixels_of(*frame);
    auto mask = std::make_shared<std::vector<std::uint32_t>>(frame->rows * frame->cols);
    std::size_t const width = frame->bits / 8;
    for (std::size_t i = 0; i < mask->size(); ++i) std::memcpy(&(*mask)[i], bytes.data() + i * width, width);
    return mask;
}

/// A mask that the detector has applied is in the pixels, too.
void read_mask_of(hid_t file, DetectorFields const& fields, DecoderLimits const& limits, SeriesStart& start) {
    for (auto const& path : fields.places("pixel_mask")) {
        if (start.pixel_mask || !has_object(file, path)) continue;
        try {
            start.pixel_mask = read_mask(file, path, start, limits);
        } catch (DecodeError const&) {
            if (!start.pixel_mask_applied.value_or(false)) throw;
        }
    }
}

} // namespace

SeriesStart hdf5_series_start(hid_t file, std::string const& entry, DecoderLimits const& limits) {
    DetectorFields const fields(file, entry);
    SeriesStart start;
    start.description = fields.text("description").value_or("");
    start.serial_number = fields.text("detector_number").value_or("");
    start.date = fields.text("data_collection_date").value_or("");
    start.cols = fields.count("x_pixels_in_detector").value_or(0);
    start.rows = fields.count("y_pixels_in_detector").value_or(0);
    start.images_expected = images_expected(fields);
    start.energy_keV = fields.positive("photon_energy", {"eV"}, 1e-3);
    start.threshold_keV = fields.positive("threshold_energy", {"eV"}, 1e-3);
    auto const wavelength = find_real(file, entry + "/instrument/beam/incident_wavelength", {"angstrom", "Angstrom", "A"});
    if (wavelength && *wavelength > 0) start.wavelength_A = wavelength;
    start.count_time_s = fields.positive("count_time", {"s"});
    start.frame_time_s = fields.positive("frame_time", {"s"});
    start.pixel1_m = fields.positive("y_pixel_size", {"m"});
    start.pixel2_m = fields.positive("x_pixel_size", {"m"});
    start.sensor_material = fields.text("sensor_material");
    start.sensor_thickness_um = fields.positive("sensor_thickness", {"m"}, 1e6);
    start.countrate_correction_applied = fields.flag("countrate_correction_applied");
    start.flatfield_applied = fields.flag("flatfield_correction_applied");
    start.pixel_mask_applied = fields.flag("pixel_mask_applied");
    start.saturation = saturation_of(fields, start.countrate_correction_applied);
    read_mask_of(file, fields, limits, start);
    return start;
}

} // namespace sqd
