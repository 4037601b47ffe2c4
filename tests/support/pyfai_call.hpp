// A pattern of pyFAI in a text file whose first line is the call that made it.
#pragma once

#include "pipeline/reduce/integration_config.hpp"
#include "tests/support/columns.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sqd::test {

/// The call, in this program's words.
struct PyfaiCall {
    std::string function; ///< "integrate1d", "sigma_clip_ng", "medfilt1d"
    IntegrationConfig config;
    bool error_model_said = false, mask = true;
    bool range_of_all = false; ///< the histogram engine: an automatic range spans masked pixels, too
    double normalization = 1, threshold = 5, percentile = 50;
    int most_rounds = 5;
    std::size_t npt_azimuth = 0;
};

/// Columns: radial, intensity, sigma, sum of signal, of variance, of norm, count; nan = not reported.
struct PyfaiPattern {
    PyfaiCall call;
    std::vector<double> radial, intensity, sigma, signal, variance, norm, count;
};

/// Text behind 'key': up to the comma that ends its value.
inline std::optional<std::string> argument(std::string const& line, std::string const& key) {
    std::smatch found;
    if (!std::regex_search(line, found, std::regex("'" + key + "': (\\([^)]*\\)|[^,}]+)"))) return std::nullopt;
    return found[1].str();
}

inline std::optional<std::pair<double, double>> pair_argument(std::string const& line, std::string const& key) {
    auto const text = argument(line, key);
    if (!text) return std::nullopt;
    char* end = nullptr;
    double const first = std::strtod(text->c_str() + 1, &end);
    return std::pair{first, std::strtod(end + 1, nullptr)};
}

inline PyfaiCall parse_pyfai_call(std::string const& line) {
    PyfaiCall call;
    auto const number = [&](std::string const& key, double otherwise) {
        auto const text = argument(line, key);
        return text ? std::atof(text->c_str()) : otherwise;
    };
    call.function = line.substr(2, line.find('(') - 2);
    auto& config = call.config;
    config.npt = static_cast<std::size_t>(number("npt", number("npt_rad", 0)));
    auto const unit = argument(line, "unit").value();
    config.unit = unit == "'2th_deg'" ? RadialUnit::two_theta_deg : RadialUnit::q_invA;
    if (unit != "'2th_deg'" && unit != "'q_A^-1'") throw std::runtime_error("unit " + unit);
    auto const method = argument(line, "method").value();
    config.split = method.find("'full'") != method.npos ? Split::full : method.find("'bbox'") != method.npos ? Split::bbox : Split::none;
    call.range_of_all = method.find("'histogram'") != method.npos;
    call.error_model_said = argument(line, "error_model").has_value() || call.function == "sigma_clip_ng";
    if (argument(line, "error_model") == "'azimuthal'") config.error_model = ErrorModel::azimuthal;
    config.radial_range = pair_argument(line, "radial_range");
    config.azimuth_range_deg = pair_argument(line, "azimuth_range");
    config.solid_angle = argument(line, "correctSolidAngle") != "False";
    if (argument(line, "polarization_factor")) config.polarization_factor = number("polarization_factor", 0);
    config.sensor_efficiency = false;
    call.mask = argument(line, "mask") != "None";
    call.normalization = number("normalization_factor", 1);
    call.threshold = number("thres", 5);
    call.most_rounds = static_cast<int>(number("max_iter", 5));
    call.percentile = number("percentile", 50);
    call.npt_azimuth = static_cast<std::size_t>(number("npt_azim", 0));
    return call;
}

inline PyfaiPattern read_pyfai_pattern(std::filesystem::path const& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    auto columns = read_columns(file);
    if (columns.size() != 7) throw std::runtime_error(file.string() + " has not seven columns");
    return {parse_pyfai_call(line), columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6]};
}

} // namespace sqd::test
