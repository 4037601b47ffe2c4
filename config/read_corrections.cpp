// What is put right in pixels and counts: air, a window, the detector's response, dark counts, dead time.
#include "config/parts.hpp"
#include "config/text.hpp"
#include "detectors/descriptions.hpp"

#include <memory>

namespace sqd {

namespace {

std::optional<AirPath> read_air(Document& document, Geometry const& geometry) {
    Section const section(document, "corrections.air");
    if (section.is_none()) return std::nullopt;
    AirPath air;
    auto const length = section.number_or("length_mm", "auto", {0, 1e5, "thickness of the air [mm]", true});
    air.length_m = length ? *length * 1e-3 : geometry.distance_m;
    if (air.length_m > geometry.distance_m) {
        throw section.refuse("length_mm", render(*length) + " mm is longer than the way",
                             "the detector is at " + render(geometry.distance_m * 1e3) + " mm along its normal",
                             "write auto for all of it");
    }
    air.pressure_hPa = section.number("pressure_hPa", {0, 2000, "pressure [hPa]", true});
    air.temperature_C = section.number("temperature_C", {-50, 100, "temperature [C]"});
    return air;
}

std::optional<Absorber> read_absorber(Document& document) {
    Section const section(document, "corrections.absorber");
    if (section.is_none()) return std::nullopt;
    Absorber absorber;
    auto const formula = section.text("material");
    try {
        absorber.material = parse_composition(formula);
    } catch (DataError const& e) {
        throw section.refuse("material", '\'' + formula + "' is not understood", e.what(), "write Be or C22H10N2O5 for example");
    }
    absorber.density_g_cm3 = section.number("density_g_cm3", {0, 30, "density [g/cm^3]", true});
    absorber.thickness_um = section.number("thickness_um", {0, 1e5, "thickness [um]", true});
    absorber.faces_beam = section.choice<bool>("facing", {{"detector", false}, {"beam", true}});
    return absorber;
}

std::shared_ptr<FlatField const> read_flat(Section const& section, Config const& config, ImageReader const& read_image) {
    auto const name = section.text("flat");
    if (name == "none") return nullptr;
    auto const path = existing_dataset(section, "flat", name);
    auto flat = std::make_shared<FlatField>();
    flat->name = path;
    try {
        flat->response = read_image(path);
    } catch (DataError const& e) {
        throw section.refuse("flat", "'" + path + "' is no flat field", e.what(), "config/README.md says what is read");
    }
    auto const& g = config.geometry;
    if (flat->response.rows != g.rows || flat->response.cols != g.cols) {
        throw section.refuse("flat", "'" + path + "' is for another detector",
                             shape_disagreement(flat->response.rows, flat->response.cols, g.rows, g.cols, config.detector.name),
                             "name one of this detector");
    }
    if (config.mask.size() == masked_pixels(config.mask | excluded_by(*flat))) {
        throw section.refuse("flat", "'" + path + "' leaves no pixel", "a response that is 0, negative or not a number excludes its pixel",
                             "name an image of the response, about 1 everywhere");
    }
    return flat;
}

void read_dark(Section const& section, ReductionConfig& reduction) {
    auto const use = section.text("dark");
    reduction.dark_use = use == "none" ? DarkUse::none : use == "latest" ? DarkUse::latest : DarkUse::scan_id;
    if (reduction.dark_use == DarkUse::scan_id) reduction.dark_scan = use;
}

} // namespace

void read_corrections(Document& document, Config& config, ImageReader const& read_image) {
    Section const section(document, "corrections");
    if (section.is_none()) return;
    auto& reduction = config.reduction;
    reduction.air = config.integration.air = read_air(document, config.geometry);
    reduction.absorber = config.integration.absorber = read_absorber(document);
    config.integration.flat = read_flat(section, config, read_image);
    read_dark(section, reduction);
    if (auto const dead_time = section.number_or("dead_time_ns", "none", {0, 1e6, "dead time [ns]", true}))
        reduction.dead_time = DeadTime{*dead_time * 1e-9, false};
}

} // namespace sqd
