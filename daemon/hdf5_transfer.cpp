#include "daemon/hdf5_transfer.hpp"

#include <cstddef>

namespace sqd {

Hdf5Handle small_transfer() {
    constexpr std::size_t buffer_bytes = 4096;
    Hdf5Handle transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose, "make a transfer");
    check_hdf5(H5Pset_buffer(transfer.id(), buffer_bytes, nullptr, nullptr), "make a transfer small");
    return transfer;
}

} // namespace sqd
