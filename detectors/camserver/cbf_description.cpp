// The lines of a mini-CBF header, convention PILATUS_1.2.
#include "detectors/camserver/cbf_description.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace sqd {

namespace {

constexpr std::string_view separators = " \t:=";

void skip(std::string_view& text, std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

/// The value of a line where it begins with `key` as a whole word: "Exposure_time 0.1 s", "Tau = 0 s", "Threshold_setting: 6350 eV".
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
    if (!line.starts_with(key)) return std::nullopt;
    line.remove_prefix(key.size());
    if (line.empty() || separators.find(line[0]) == separators.npos) return std::nullopt;
    skip(line, separators);
    return line;
}

/// A positive number taken from the front of `text`, times `factor`.
std::optional<double> take_positive(std::string_view& text, double factor = 1) {
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || !std::isfinite(number * factor) || number * factor <= 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number * factor;
}

/// `field` becomes the line's number times `factor`, if the line is the one of `key` and has one.
void read_number(std::string_view line, std::string_view key, std::optional<double>& field, double factor = 1) {
    auto value = value_of(line, key);
    if (auto const number = value ? take_positive(*value, factor) : std::nullopt) field = number;
}

/// Text from a file, fit for a result or a log: printable, of a bounded length.
std::string clean(std::string_view text) {
    constexpr std::size_t longest = 100;
    std::string shown;
    for (char const c : text.substr(0, longest)) shown += c >= ' ' && c <= '~' ? c : '?';
    return shown.substr(0, shown.find_last_not_of(" ,;") + 1);
}

/// "PILATUS3 6M, S/N 60-0119".
void read_detector(std::string_view value, SeriesStart& start) {
    constexpr std::string_view serial = "S/N";
    auto const at = value.find(serial);
    start.description = clean(value.substr(0, at));
    if (at == value.npos) return;
    value.remove_prefix(at + serial.size());
    skip(value, separators);
    start.serial_number = clean(value);
}

/// "172e-6 m x 172e-6 m": along x, along y.
void read_pixel_size(std::string_view value, SeriesStart& start) {
    auto const x = take_positive(value);
    skip(value, " \tmx");
    auto const y = take_positive(value);
    if (!x || !y) return;
    start.pixel1_m = y;
    start.pixel2_m = x;
}

/// "Silicon sensor, thickness 0.000450 m".
void read_sensor(std::string_view line, SeriesStart& start) {
    constexpr std::string_view sensor = " sensor", thickness = "thickness";
    auto const name_ends = line.find(' ');
    if (name_ends == line.npos || !line.substr(name_ends).starts_with(sensor)) return;
    auto const material = clean(line.substr(0, name_ends));
    start.sensor_material = material == "Silicon" ? "Si" : material;
    auto const at = line.find(thickness, name_ends);
    if (at == line.npos) return;
    line.remove_prefix(at + thickness.size());
    skip(line, separators);
    if (auto const thickness_um = take_positive(line, 1e6)) start.sensor_thickness_um = thickness_um;
}

/// "2019-09-11T13:20:29.197", "2010/Nov/11 10:12:13.123": the only lines that begin with a year.
bool is_date(std::string_view line) {
    return line.size() >= 10 && line.find_first_not_of("0123456789") == 4 && (line[4] == '-' || line[4] == '/');
}

void read_line(std::string_view line, SeriesStart& start) {
    if (auto const detector = value_of(line, "Detector")) return read_detector(*detector, start);
    if (auto const size = value_of(line, "Pixel_size")) return read_pixel_size(*size, start);
    if (auto const flat = value_of(line, "Flat_field")) start.flatfield_applied = !flat->empty() && !flat->starts_with("(nil)");
    if (is_date(line)) start.date = clean(line);
    read_sensor(line, start);
    read_number(line, "Exposure_time", start.count_time_s);
    read_number(line, "Exposure_period", start.frame_time_s);
    read_number(line, "Threshold_setting", start.threshold_keV, 1e-3);
    read_number(line, "Wavelength", start.wavelength_A);
}

} // namespace

SeriesStart describe_cbf(CbfImage const& image) {
    SeriesStart start;
    start.rows = image.rows;
    start.cols = image.cols;
    start.saturation = image.count_cutoff;
    start.first_image.reset();
    int semicolons = 0; // the lines stand between two of them; behind may come any text with # in it
    for (auto text = image.header; !text.empty() && semicolons < 2;) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line = line.substr(0, line.find('\r'));
        if (line == ";") ++semicolons;
        if (!line.starts_with('#')) continue;
        skip(line, "# \t");
        read_line(line, start);
    }
    return start;
}

std::shared_ptr<SeriesStart const> describe_cbf_file(std::span<std::byte const> file) {
    try {
        return std::make_shared<SeriesStart const>(describe_cbf(parse_cbf(file)));
    } catch (DecodeError const&) {
        return nullptr;
    }
}

} // namespace sqd
