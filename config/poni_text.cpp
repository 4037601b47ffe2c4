#include "config/poni_text.hpp"

#include "config/text.hpp"

#include <utility>

namespace sqd {

std::string poni_text(Geometry const& g) {
    constexpr double m_per_A = 1e-10;
    std::string const parallax = g.parallax ? ", \"sensor\": {\"material\": \"" + g.parallax->material +
                                                  "\", \"thickness\": " + render(g.parallax->thickness_m) + "}, \"parallax\": true"
                                            : "";
    std::string out = "poni_version: 2.1\nDetector: Detector\nDetector_config: {\"pixel1\": " + render(g.pixel1_m) +
                      ", \"pixel2\": " + render(g.pixel2_m) + ", \"max_shape\": [" + std::to_string(g.rows) + ", " +
                      std::to_string(g.cols) + "], \"orientation\": " + std::to_string(g.orientation) + parallax + "}\n";
    for (auto const& [key, value] : {std::pair{"Distance", g.distance_m},
                                     {"Poni1", g.poni1_m},
                                     {"Poni2", g.poni2_m},
                                     {"Rot1", g.rot1_rad},
                                     {"Rot2", g.rot2_rad},
                                     {"Rot3", g.rot3_rad},
                                     {"Wavelength", g.wavelength_A * m_per_A}})
        out += std::string(key) + ": " + render(value) + '\n';
    return out;
}

} // namespace sqd
