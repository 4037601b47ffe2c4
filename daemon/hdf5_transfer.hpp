// How texts and single values go through the HDF5 library.
#pragma once

#include "daemon/hdf5_handle.hpp"

namespace sqd {

/// A transfer that converts a few hundred values at a time. The library's own default converts texts through two buffers of 1 MB, one of
/// them cleared, for each text that is written or read. What needs no conversion is not touched by it. IoError when the library cannot.
Hdf5Handle small_transfer();

} // namespace sqd
