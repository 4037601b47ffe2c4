#include "pipeline/reduce/flat_field.hpp"

#include <algorithm>

namespace sqd {

Mask excluded_by(FlatField const& flat) {
    Mask out(flat.response.rows, flat.response.cols);
    std::ranges::transform(flat.response.pixels, out.pixels.begin(), [](double response) { return responds(response) ? 0 : 1; });
    return out;
}

} // namespace sqd
