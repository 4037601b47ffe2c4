// Owner of one HDF5 identifier; a call that fails becomes an IoError with the library's own innermost reason.
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

namespace sqd {

/// The library's own innermost reason for the last call of this thread that failed.
std::string hdf5_reason();

/// Keeps the library, in this thread, from printing its errors: they say less than the exception.
void silence_hdf5();

/// IoError "cannot <what> (<innermost HDF5 error>)" unless `status` is 0 or more.
void check_hdf5(hid_t status, std::string const& what);

/// Closes its identifier when it goes out of scope. Never empty except when moved from.
class Hdf5Handle {
public:
    using Close = herr_t (*)(hid_t);

    /// Takes over `id`, the answer of a call that was to `what`; throws IoError when that call failed.
    Hdf5Handle(hid_t id, Close close, std::string const& what) : id_(id), close_(close) { check_hdf5(id, what); }
    ~Hdf5Handle() {
        if (id_ >= 0) close_(id_);
    }
    Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }

    hid_t id() const { return id_; }

private:
    hid_t id_;
    Close close_;
};

} // namespace sqd
