#include "daemon/import/hdf5_field.hpp"

#include "daemon/hdf5_transfer.hpp"
#include "daemon/import/file_content.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace sqd {

namespace {

constexpr std::size_t longest_text = 64 * 1024;

/// Reads a dataset or an attribute; both have a type and a space.
struct Value {
    Hdf5Handle type, space;
    std::function<bool(hid_t memory_type, void* out)> read;
};

std::optional<Value> value_of_field(hid_t file, std::string const& path) {
    if (!has_object(file, path)) return std::nullopt;
    auto const field = std::make_shared<Hdf5Handle>(opened(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, path));
    if (H5Iget_type(field->id()) != H5I_DATASET) return std::nullopt;
    return Value{opened(H5Dget_type(field->id()), H5Tclose, path), opened(H5Dget_space(field->id()), H5Sclose, path),
                 [field](hid_t type, void* out) { return H5Dread(field->id(), type, H5S_ALL, H5S_ALL, small_transfer().id(), out) >= 0; }};
}

std::optional<Value> value_of_attribute(hid_t object, char const* name) {
    if (H5Aexists(object, name) <= 0) return std::nullopt;
    auto const field = std::make_shared<Hdf5Handle>(opened(H5Aopen(object, name, H5P_DEFAULT), H5Aclose, name));
    return Value{opened(H5Aget_type(field->id()), H5Tclose, name), opened(H5Aget_space(field->id()), H5Sclose, name),
                 [field](hid_t type, void* out) { return H5Aread(field->id(), type, out) >= 0; }};
}

bool is_number(Value const& value) {
    auto const kind = H5Tget_class(value.type.id());
    return (kind == H5T_INTEGER || kind == H5T_FLOAT) && H5Sget_simple_extent_npoints(value.space.id()) == 1;
}

std::optional<std::uint64_t> count_in(std::optional<Value> const& value) {
    std::uint64_t count = 0;
    if (!value || !is_number(*value) || H5Tget_class(value->type.id()) != H5T_INTEGER) return std::nullopt;
    return value->read(H5T_NATIVE_UINT64, &count) ? std::optional(count) : std::nullopt;
}

/// HDF5 has texts of fixed and of variable length; the latter it allocates itself.
std::optional<std::string> text_in(std::optional<Value> const& value) {
    if (!value || H5Tget_class(value->type.id()) != H5T_STRING || H5Sget_simple_extent_npoints(value->space.id()) != 1) return std::nullopt;
    if (H5Tis_variable_str(value->type.id()) > 0) {
        char* raw = nullptr;
        if (!value->read(value->type.id(), &raw) || raw == nullptr) return std::nullopt;
        std::unique_ptr<char, void (*)(char*)> const text(raw, [](char* p) { H5free_memory(p); });
        return std::string(text.get()).substr(0, longest_text);
    }
    std::size_t const size = H5Tget_size(value->type.id());
    if (size == 0 || size > longest_text) return std::nullopt;
    std::string text(size, '\0');
    if (!value->read(value->type.id(), text.data())) return std::nullopt;
    text.resize(std::min(text.find('\0'), text.size()));
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

} // namespace

Hdf5Handle opened(hid_t id, Hdf5Handle::Close close, std::string const& what) {
    if (id < 0) throw DecodeError(DecodeFault::corrupt, "HDF5 cannot open " + what + " (" + hdf5_reason() + ")");
    return Hdf5Handle(id, close, what);
}

Hdf5Handle open_hdf5(std::filesystem::path const& path) {
    silence_hdf5();
    constexpr std::size_t any_size = 0; // nothing is unpacked
    open_content(path, any_size);       // says why where the file cannot be read
    hid_t const file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) throw DecodeError(DecodeFault::corrupt, "no HDF5 file, or a damaged one (" + hdf5_reason() + ")");
    return Hdf5Handle(file, H5Fclose, "the file");
}

std::optional<double> find_real(hid_t file, std::string const& path, std::initializer_list<char const*> units) {
    auto const value = value_of_field(file, path);
    if (!value || !is_number(*value)) return std::nullopt;
    auto const unit = find_text_attribute(file, path, "units");
    if (unit && units.size() > 0 && std::find(units.begin(), units.end(), *unit) == units.end()) return std::nullopt;
    double number = 0;
    return value->read(H5T_NATIVE_DOUBLE, &number) && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::vector<double>> find_reals(hid_t file, std::string const& path) {
    constexpr hssize_t most = 10'000'000;
    auto const value = value_of_field(file, path);
    if (!value || H5Sget_simple_extent_ndims(value->space.id()) != 1) return std::nullopt;
    auto const kind = H5Tget_class(value->type.id());
    auto const count = H5Sget_simple_extent_npoints(value->space.id());
    if ((kind != H5T_INTEGER && kind != H5T_FLOAT) || count < 0 || count > most) return std::nullopt;
    std::vector<double> numbers(static_cast<std::size_t>(count));
    if (!numbers.empty() && !value->read(H5T_NATIVE_DOUBLE, numbers.data())) return std::nullopt;
    return numbers;
}

std::optional<std::uint64_t> find_count(hid_t file, std::string const& path) {
    return count_in(value_of_field(file, path));
}

std::optional<std::string> find_text(hid_t file, std::string const& path) {
    return text_in(value_of_field(file, path));
}

std::optional<std::uint64_t> find_attribute(hid_t object, char const* name) {
    return count_in(value_of_attribute(object, name));
}

std::optional<std::string> find_text_attribute(hid_t file, std::string const& path, char const* name) {
    if (!has_object(file, path)) return std::nullopt;
    Hdf5Handle const object = opened(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, path);
    return text_in(value_of_attribute(object.id(), name));
}

bool has_link(hid_t file, std::string const& path) {
    for (std::size_t end = 0; end != path.npos;) {
        end = path.find('/', end + 1);
        std::string const part = path.substr(0, end);
        if (part.empty() || part == "/") continue;
        if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0) return false;
        if (end != path.npos && H5Oexists_by_name(file, part.c_str(), H5P_DEFAULT) <= 0) return false;
    }
    return true;
}

bool has_object(hid_t file, std::string const& path) {
    return path == "/" || (has_link(file, path) && H5Oexists_by_name(file, path.c_str(), H5P_DEFAULT) > 0);
}

} // namespace sqd
