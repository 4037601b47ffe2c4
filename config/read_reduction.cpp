// From counts to curves: integration, scan, sample, background, S(q), FSDP, G(r), and whether they fit each other.
#include "config/parts.hpp"
#include "config/ranges.hpp"
#include "config/reach.hpp"
#include "config/text.hpp"
#include "pipeline/reduce/calibrants.hpp"
#include "pipeline/reduce/radial_axis.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

constexpr int fewest_fsdp_bins = 10; ///< the peak and its line have up to 8 parameters

Outliers read_outliers(Section const& section) {
    using Method = Outliers::Method;
    Outliers out;
    out.method = section.choice<Method>("outliers.method",
                                        {{"none", Method::none}, {"sigma_clip", Method::sigma_clip}, {"quantile", Method::quantile}});
    out.threshold = section.number("outliers.threshold", {0, 1000, "standard deviations"});
    out.most_rounds = static_cast<int>(section.integer("outliers.max_iter", {0, 100, "rounds"}));
    auto const quantiles = section.numbers("outliers.quantiles", 2, {0, 1, "low and high quantile"});
    out.low = quantiles.front();
    out.high = quantiles.back();
    if (out.low > out.high)
        throw section.refuse("outliers.quantiles", "the low one is above the high one", "the pixels between them are averaged",
                             "write [0.5, 0.5] for the median");
    if (out.low == out.high && (out.low == 0 || out.low == 1))
        throw section.refuse("outliers.quantiles", "is the smallest or the largest pixel", "one pixel has no error to speak of",
                             "write [0.5, 0.5] for the median");
    return out;
}

std::optional<std::pair<double, double>> read_sector(Section const& section) {
    auto const written = section.numbers_or("azimuth_range", "none", 2, {-360, 360, "degrees of chi"});
    if (!written) return std::nullopt;
    if (written->front() == written->back())
        throw section.refuse("azimuth_range", "is empty", "it begins where it ends", "write none for the whole ring");
    return std::pair{written->front(), written->back()};
}

/// Returns the range of the data in q [1/A].
std::pair<double, double> read_integration(Document& document, Config& config) {
    Section const section(document, "integration");
    auto& integration = config.integration;
    integration.unit = section.choice<RadialUnit>("unit", {{"q_A^-1", RadialUnit::q_invA},
                                                           {"q_nm^-1", RadialUnit::q_invnm},
                                                           {"2th_deg", RadialUnit::two_theta_deg},
                                                           {"2th_rad", RadialUnit::two_theta_rad},
                                                           {"r_mm", RadialUnit::r_mm}});
    auto const range = read_axis(section, config.geometry, integration);
    integration.split = section.choice<Split>("split", {{"none", Split::none}, {"bbox", Split::bbox}, {"full", Split::full}});
    integration.average = section.choice<Average>("average", {{"weighted", Average::weighted}, {"unweighted", Average::unweighted}});
    integration.error_model = section.choice<ErrorModel>(
        "error_model", {{"poisson", ErrorModel::poisson}, {"azimuthal", ErrorModel::azimuthal}, {"hybrid", ErrorModel::hybrid}});
    integration.outliers = read_outliers(section);
    integration.azimuth_range_deg = read_sector(section);
    integration.solid_angle = section.flag("solid_angle");
    integration.solid_angle_order = section.number("solid_angle_order", {0, 10, "power of the cosine", true});
    integration.pyfai_compat = section.choice<bool>("compat", {{"none", false}, {"pyfai", true}});
    if (integration.pyfai_compat && (!integration.edges.empty() || integration.log_spacing)) {
        throw section.refuse("compat", "pyfai has no such bins", "pyFAI 0.21.3 knows even steps only",
                             std::string("write npt in place of ") + (integration.log_spacing ? "spacing: log" : "edges"));
    }
    integration.cake = read_cake(document, integration);
    auto const sensor = config.detector.sensor.has_value();
    integration.sensor_efficiency = section.flag("sensor_efficiency", sensor && !integration.pyfai_compat);
    if (integration.sensor_efficiency && !sensor) {
        throw section.refuse("sensor_efficiency", "cannot be applied", "detector.sensor is none", "describe the sensor, or write false");
    }
    return {q_of_radial(range.first, integration.unit, config.geometry), q_of_radial(range.second, integration.unit, config.geometry)};
}

ScanDefaults read_scan(Section const& scan) {
    ScanDefaults defaults;
    defaults.role = scan.choice<Role>(
        "role", {{"sample", Role::sample}, {"background", Role::background}, {"dark", Role::dark}, {"calibrant", Role::calibrant}});
    auto const crystal = scan.text("calibrant");
    if (crystal != "none") {
        try {
            defaults.calibrant = calibrant(crystal).name;
        } catch (DataError const& error) {
            throw scan.refuse("calibrant", "is not known", error.what(), "write one of these, or none");
        }
    }
    defaults.points = scan.integer_or("points", "none", {1, 1e9, "number of points"});
    auto const shape = scan.numbers_or("grid", "none", 2, {1, 1e6, "rows and columns of the map"});
    auto const pitch = scan.numbers_or("pitch_um", "none", 2, {0, 1e6, "steps [um]", true});
    auto const snake = scan.flag("snake");
    if (!shape) {
        if (pitch || snake) throw scan.refuse(pitch ? "pitch_um" : "snake", "has no map", "scan.grid is none", "write the grid, too");
        return defaults;
    }
    if (shape->front() != std::floor(shape->front()) || shape->back() != std::floor(shape->back())) {
        throw scan.refuse("grid", "is not of whole numbers", "a map has rows and columns", "write [rows, cols]");
    }
    MapGrid grid;
    grid.rows = static_cast<std::size_t>(shape->front());
    grid.cols = static_cast<std::size_t>(shape->back());
    grid.pitch_um = pitch.value_or(std::vector<double>{});
    grid.snake = snake;
    if (defaults.points && *defaults.points != grid.rows * grid.cols) {
        throw scan.refuse("points", std::to_string(*defaults.points) + " points do not fill the map",
                          "scan.grid has " + std::to_string(grid.rows) + " x " + std::to_string(grid.cols) + " = " +
                              std::to_string(grid.rows * grid.cols),
                          "leave points out");
    }
    defaults.grid = grid;
    return defaults;
}

void read_background(Section const& section, Config& config) {
    auto const use = section.text("use");
    bool const off_sample = use == "off_sample";
    if (off_sample && config.integration.needs_pixels()) {
        throw section.refuse("use", "off_sample cannot be had",
                             "integration.split, average, error_model, outliers and compat work on the sum of all images",
                             "measure a background beside the sample: use: latest");
    }
    config.reduction.background.off_sample = off_sample;
    config.background_use = use == "latest" ? BackgroundUse::latest
                            : use == "none" ? BackgroundUse::none
                            : off_sample    ? BackgroundUse::off_sample
                                            : BackgroundUse::scan_id;
    if (config.background_use == BackgroundUse::scan_id) config.background_scan = use;
    config.reduction.background.scale = section.number("scale", {0, 1e6, "factor", true});
    config.reduction.background.upstream_fraction = section.number("upstream_fraction", {0, 1, "fraction of the air path"});
    config.reduction.background.upstream_fraction_sigma = section.number("upstream_fraction_sigma", {0, 1, "fraction of the air path"});
    config.reduction.background.scale_sigma = section.number("scale_sigma", {0, 1, "relative uncertainty"});
}

/// Where a range is not written, of bins over all that the detector sees.
std::vector<double> bin_centres_invA(Config const& config) {
    auto const& integration = config.integration;
    auto const reach = reachable_range(config.geometry, integration.unit);
    bool const said = integration.radial_range || !integration.edges.empty();
    auto const asked = integration.radial_range ? asked_range(integration) : RadialRange{};
    auto const axis = said ? radial_axis(integration, asked) : Axis::uniform(reach.first, reach.second, integration.npt);
    return centres_invA(axis, integration.unit, config.geometry);
}

std::optional<FsdpConfig> read_fsdp(Document& document, Config const& config, std::pair<double, double> const& data) {
    Section const section(document, "fsdp");
    if (section.is_none()) return std::nullopt;
    auto const& sq = config.reduction.structure_factor;
    FsdpConfig fsdp;
    fsdp.on_pattern = section.choice<bool>("on", {{"sq", false}, {"pattern", true}}, {}, sq ? "sq" : "pattern");
    if (!fsdp.on_pattern && !sq) throw section.refuse("on", "there is no S(q)", "structure_factor is none", "write on: pattern");
    auto const window = section.numbers("window_invA", 2, {0, 100, "window [1/A]"});
    fsdp.window_low_invA = window[0];
    fsdp.window_high_invA = window[1];
    fsdp.model = section.choice<PeakEstimator>("model", {{"split_pseudo_voigt", PeakEstimator::split_pseudo_voigt},
                                                         {"pseudo_voigt", PeakEstimator::pseudo_voigt},
                                                         {"parabola", PeakEstimator::parabola},
                                                         {"centroid", PeakEstimator::centroid}});
    auto const range = fsdp.on_pattern ? data : std::pair{sq->q_min_invA, sq->q_max_invA};
    if (!(window[0] < window[1]) || above(range.first, window[0]) || above(window[1], range.second)) {
        throw section.refuse("window_invA", range_text({window[0], window[1]}) + " is not inside the curve",
                             "it goes from " + range_text(inward(range)) + " 1/A", "write [low, high] around the peak, or fsdp: none");
    }
    auto const centres = bin_centres_invA(config);
    auto const bins = std::count_if(centres.begin(), centres.end(), [&](double q) { return q >= window.front() && q <= window.back(); });
    if (bins < fewest_fsdp_bins) {
        throw section.refuse("window_invA", "has about " + std::to_string(bins) + " bins", "the peak and its line have 8 parameters",
                             "widen it, or raise integration.npt");
    }
    return fsdp;
}

} // namespace

void read_reduction(Document& document, Config& config) {
    auto const data = read_integration(document, config);
    auto& reduction = config.reduction;
    reduction.energy_keV = config.energy_keV;
    reduction.distance_m = config.geometry.distance_m;
    reduction.tilt_rad = std::acos(std::cos(config.geometry.rot1_rad) * std::cos(config.geometry.rot2_rad));
    reduction.polarization_factor = config.integration.polarization_factor.value_or(0);
    reduction.threshold_keV = config.detector.threshold_keV;
    reduction.sensor = config.detector.sensor;
    reduction.sensor_efficiency = config.integration.sensor_efficiency;
    reduction.sector_deg = config.integration.azimuth_range_deg;
    Section const watch(document, "watch");
    reduction.watch.hot_pixels = watch.flag("hot_pixels", !config.integration.pyfai_compat);
    reduction.watch.bragg_lines = watch.flag("bragg_lines");
    reduction.selection.odd_points = watch.flag("odd_points");
    Section const scan(document, "scan");
    config.scan = read_scan(scan);
    if (config.scan.grid && config.integration.needs_pixels()) {
        throw scan.refuse("grid", "cannot be searched for points off the sample",
                          "integration.split, average, error_model, outliers and compat work on the sum of all images",
                          "leave the grid out, or those as they are by default");
    }
    reduction.sample = read_sample(document);
    read_background(Section(document, "background"), config);
    reduction.structure_factor = read_structure_factor(document, reduction.sample, data);
    reduction.fsdp = read_fsdp(document, config, data);
    // On the peak the sample outshines the air most: there, points off the sample are told from points on it.
    if (reduction.fsdp) reduction.selection.signal_window_invA = {reduction.fsdp->window_low_invA, reduction.fsdp->window_high_invA};
    reduction.pair_distribution = read_pair_distribution(document, config.integration, reduction.structure_factor);
    check_low_r(document, reduction);
    reduction.ad_hoc = read_ad_hoc(document, config.integration, reduction.sample, data);
    reduction.uncertainty = read_uncertainty(Section(document, "uncertainty"));
}

} // namespace sqd
