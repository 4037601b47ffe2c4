// The reason behind a failed HDF5 call, taken from its error stack.
#include "daemon/hdf5_handle.hpp"

#include "pipeline/core/errors.hpp"

namespace sqd {

std::string hdf5_reason() {
    std::string reason;
    auto const take_first = [](unsigned depth, H5E_error2_t const* error, void* out) -> herr_t {
        if (depth == 0 && error->desc) *static_cast<std::string*>(out) = error->desc;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &reason);
    return reason.empty() ? "no reason given" : reason;
}

void silence_hdf5() {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

void check_hdf5(hid_t status, std::string const& what) {
    if (status < 0) throw IoError("cannot " + what + " (" + hdf5_reason() + ")", true);
}

} // namespace sqd
