// What detectors call themselves ("Dectris EIGER2 CdTe 1M", "PILATUS3 6M, S/N 60-0119"), and when that is not the detector expected.
#pragma once

#include "detectors/models.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sqd {

/// The model that a detector's own description names. Spaces, case, "Dectris", the series letters X, R, S, XE and serial numbers do not
/// matter; a sensor that is not named is silicon. Null where it names none, more than one, or one that is not in the table.
DetectorModel const* find_detector_by_description(std::string_view description);

/// A sentence where the description clearly names another model than this one, with what differs; nullopt where it names this one, none
/// that is known, or leaves the sensor open.
std::optional<std::string> description_disagreement(std::string_view description, DetectorModel const& model);

/// One sentence on an image of rows x cols where wanted_rows x wanted_cols were expected: both shapes, the models that have the shape found
/// (sister models differ by a few pixels), and whether it fits transposed. `wanted_name` may be empty.
std::string shape_disagreement(std::size_t rows, std::size_t cols, std::size_t wanted_rows, std::size_t wanted_cols,
                               std::string_view wanted_name);

} // namespace sqd
