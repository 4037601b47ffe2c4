// What DECTRIS' HDF5 files say of their series, as the start of a stream would.
#pragma once

#include "detectors/decoder.hpp"

#include <hdf5.h>

#include <string>

namespace sqd {

/// From <entry>/instrument/detector, its detectorSpecific, and <entry>/instrument/beam; a data file alone says nothing, and every field
/// stays absent. eV become keV, sensor metres become um. The pixel mask is read where it is needed or can be.
/// Throws DecodeError where the pixel mask is needed (the detector did not apply it) and cannot be read.
SeriesStart hdf5_series_start(hid_t file, std::string const& entry, DecoderLimits const& limits);

} // namespace sqd
