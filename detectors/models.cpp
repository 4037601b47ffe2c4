// The table of detectors, with the shapes, gaps and seams of pyFAI 0.21.3 (pyFAI/detectors/_dectris.py). PILATUS4 and the EIGER2 250K
// came later and have the names of pyFAI 2024; its PILATUS4 CdTe has the modules and pixels of a PILATUS3, which is not so here.
#include "detectors/models.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace sqd {

namespace {

/// What the members of a family share.
struct Family {
    double pixel_m;
    std::size_t module_rows, module_cols, gap_rows, gap_cols;
    std::size_t seam_cols;
    int seam_offset;
    char const* sensor_material;
    double sensor_thickness_um;
};

constexpr Family eiger{75e-6, 514, 1030, 37, 10, 0, 0, "Si", 450};
constexpr Family eiger2{75e-6, 512, 1028, 38, 12, 0, 0, "Si", 450};
constexpr Family eiger2_half{75e-6, 512, 512, 38, 12, 0, 0, "Si", 450};
constexpr Family eiger2_cdte{75e-6, 512, 1028, 38, 12, 2, -1, "CdTe", 750};
constexpr Family pilatus{172e-6, 195, 487, 17, 7, 0, 0, "Si", 450};
constexpr Family pilatus_cdte{172e-6, 195, 487, 17, 7, 3, -1, "CdTe", 1000};
constexpr Family pilatus4{150e-6, 255, 513, 20, 7, 0, 0, "Si", 450};
constexpr Family pilatus4_cdte{150e-6, 255, 513, 20, 7, 1, 0, "CdTe", 1000};
constexpr Family simulated{75e-6, 124, 124, 8, 8, 0, 0, "Si", 450};

/// A model of a family: so many modules down and across.
constexpr DetectorModel model(char const* name, char const* description, Family const& f, std::size_t down, std::size_t across) {
    return {name,
            description,
            down * (f.module_rows + f.gap_rows) - f.gap_rows,
            across * (f.module_cols + f.gap_cols) - f.gap_cols,
            f.pixel_m,
            f.module_rows,
            f.module_cols,
            f.gap_rows,
            f.gap_cols,
            f.seam_cols,
            f.seam_offset,
            f.sensor_material,
            f.sensor_thickness_um};
}

constexpr std::array models{
    model("Eiger500k", "EIGER1 Si 500K", eiger, 1, 1),
    model("Eiger1M", "EIGER1 Si 1M", eiger, 2, 1),
    model("Eiger4M", "EIGER1 Si 4M", eiger, 4, 2),
    model("Eiger9M", "EIGER1 Si 9M", eiger, 6, 3),
    model("Eiger16M", "EIGER1 Si 16M", eiger, 8, 4),
    model("Eiger2_250k", "EIGER2 Si 250K", eiger2_half, 1, 1),
    model("Eiger2_500k", "EIGER2 Si 500K", eiger2, 1, 1),
    model("Eiger2_1M", "EIGER2 Si 1M", eiger2, 2, 1),
    model("Eiger2_1MW", "EIGER2 Si 1M-W", eiger2, 1, 2),
    model("Eiger2_2MW", "EIGER2 Si 2M-W", eiger2, 1, 4),
    model("Eiger2_4M", "EIGER2 Si 4M", eiger2, 4, 2),
    model("Eiger2_9M", "EIGER2 Si 9M", eiger2, 6, 3),
    model("Eiger2_16M", "EIGER2 Si 16M", eiger2, 8, 4),
    model("Eiger2CdTe_500k", "EIGER2 CdTe 500K", eiger2_cdte, 1, 1),
    model("Eiger2CdTe_1M", "EIGER2 CdTe 1M", eiger2_cdte, 2, 1),
    model("Eiger2CdTe_1MW", "EIGER2 CdTe 1M-W", eiger2_cdte, 1, 2),
    model("Eiger2CdTe_2MW", "EIGER2 CdTe 2M-W", eiger2_cdte, 1, 4),
    model("Eiger2CdTe_4M", "EIGER2 CdTe 4M", eiger2_cdte, 4, 2),
    model("Eiger2CdTe_9M", "EIGER2 CdTe 9M", eiger2_cdte, 6, 3),
    model("Eiger2CdTe_16M", "EIGER2 CdTe 16M", eiger2_cdte, 8, 4),
    model("Pilatus100k", "PILATUS3 100K", pilatus, 1, 1),
    model("Pilatus200k", "PILATUS3 200K", pilatus, 2, 1),
    model("Pilatus300k", "PILATUS3 300K", pilatus, 3, 1),
    model("Pilatus300kw", "PILATUS3 300K-W", pilatus, 1, 3),
    model("Pilatus1M", "PILATUS3 1M", pilatus, 5, 2),
    model("Pilatus2M", "PILATUS3 2M", pilatus, 8, 3),
    model("Pilatus6M", "PILATUS3 6M", pilatus, 12, 5),
    model("PilatusCdTe300k", "PILATUS3 X CdTe 300K", pilatus_cdte, 3, 1),
    model("PilatusCdTe300kw", "PILATUS3 X CdTe 300K-W", pilatus_cdte, 1, 3),
    model("PilatusCdTe900kw", "PILATUS3 X CdTe 900K-W", pilatus_cdte, 1, 9),
    model("PilatusCdTe1M", "PILATUS3 X CdTe 1M", pilatus_cdte, 5, 2),
    model("PilatusCdTe2M", "PILATUS3 X CdTe 2M", pilatus_cdte, 8, 3),
    model("Pilatus4_260k", "PILATUS4 260K", pilatus4, 2, 1),
    model("Pilatus4_260kw", "PILATUS4 260K-W", pilatus4, 1, 2),
    model("Pilatus4_1M", "PILATUS4 1M", pilatus4, 4, 2),
    model("Pilatus4_2M", "PILATUS4 2M", pilatus4, 6, 3),
    model("Pilatus4_4M", "PILATUS4 4M", pilatus4, 8, 4),
    model("Pilatus4_CdTe_260k", "PILATUS4 CdTe 260K", pilatus4_cdte, 2, 1),
    model("Pilatus4_CdTe_260kw", "PILATUS4 CdTe 260K-W", pilatus4_cdte, 1, 2),
    model("Pilatus4_CdTe_1M", "PILATUS4 CdTe 1M", pilatus4_cdte, 4, 2),
    model("Pilatus4_CdTe_2M", "PILATUS4 CdTe 2M", pilatus4_cdte, 6, 3),
    model("Pilatus4_CdTe_4M", "PILATUS4 CdTe 4M", pilatus4_cdte, 8, 4),
    // Not a detector that exists, and not in pyFAI: small enough for tests, with every kind of gap.
    model("Simulated256", "Simulated 256", simulated, 2, 2),
};

/// A name as far as it tells detectors apart: lower-case letters and digits; pyFAI's aliases have CdTe in several places.
std::string essence(std::string_view name) {
    std::string letters;
    for (char const c : name)
        if (c != ' ' && c != '-' && c != '_') letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    auto const cdte = letters.find("cdte");
    return cdte == std::string::npos ? letters : letters.erase(cdte, 4) + "/cdte";
}

} // namespace

std::span<DetectorModel const> detector_models() {
    return models;
}

DetectorModel const* find_detector(std::string_view name) {
    auto const wanted = essence(name);
    auto const found = std::ranges::find_if(models, [&wanted](DetectorModel const& m) { return essence(m.name) == wanted; });
    return found == models.end() ? nullptr : &*found;
}

std::vector<DetectorModel const*> detectors_of_shape(std::size_t rows, std::size_t cols) {
    std::vector<DetectorModel const*> found;
    for (auto const& model : models)
        if (model.rows == rows && model.cols == cols) found.push_back(&model);
    return found;
}

Mask gap_mask(DetectorModel const& model) {
    auto const in_gap = [](std::size_t i, std::size_t module, std::size_t gap) { return i % (module + gap) >= module; };
    auto const in_seam = [&model](std::size_t col) {
        std::size_t const first = static_cast<std::size_t>(static_cast<int>(model.module_cols / 2) + model.seam_offset);
        std::size_t const in_module = col % (model.module_cols + model.gap_cols);
        return in_module >= first && in_module < first + model.seam_cols;
    };
    Mask mask(model.rows, model.cols);
    for (std::size_t row = 0; row < model.rows; ++row)
        for (std::size_t col = 0; col < model.cols; ++col)
            mask(row, col) =
                in_gap(row, model.module_rows, model.gap_rows) || in_gap(col, model.module_cols, model.gap_cols) || in_seam(col);
    return mask;
}

} // namespace sqd
