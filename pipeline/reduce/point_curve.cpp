#include "pipeline/reduce/point_curve.hpp"

#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/selection.hpp"

namespace sqd {

PointCurve point_curve(BinMap const& bins, std::shared_ptr<FrameCounts const> const& point, Pattern1D const* background, double scale) {
    PointCurve out{to_pattern(bins, sum_frames(bins, {point})), std::nullopt};
    if (background) out.net = subtract(out.pattern, *background, scale);
    return out;
}

} // namespace sqd
