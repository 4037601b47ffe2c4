#include "daemon/import/hdf5_table.hpp"

#include "daemon/hdf5_transfer.hpp"
#include "daemon/import/hdf5_field.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>

namespace sqd {

namespace {

constexpr hsize_t most_values = 10'000'000;

/// A dataset with what is needed to read it.
struct Dataset {
    Hdf5Handle field, type, space;
    std::vector<hsize_t> dims;
};

/// Of that class (H5T_STRING; H5T_FLOAT stands for whole numbers, too) and with so many dimensions.
std::optional<Dataset> find_dataset(hid_t file, std::string const& path, H5T_class_t wanted, int dimensions) {
    if (!has_object(file, path)) return std::nullopt;
    Hdf5Handle object = opened(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, path);
    if (H5Iget_type(object.id()) != H5I_DATASET) return std::nullopt;
    Hdf5Handle type = opened(H5Dget_type(object.id()), H5Tclose, path), space = opened(H5Dget_space(object.id()), H5Sclose, path);
    auto const kind = H5Tget_class(type.id());
    bool const number = kind == H5T_INTEGER || kind == H5T_FLOAT;
    if ((wanted == H5T_FLOAT ? !number : kind != wanted) || H5Sget_simple_extent_ndims(space.id()) != dimensions) return std::nullopt;
    std::vector<hsize_t> dims(static_cast<std::size_t>(dimensions));
    H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr);
    return Dataset{std::move(object), std::move(type), std::move(space), std::move(dims)};
}

/// Whole rows of a table; false where the file cannot give them.
bool read_rows(Dataset const& table, hsize_t first, hsize_t rows, double* out) {
    std::array<hsize_t, 2> const start{first, 0}, count{rows, table.dims[1]};
    if (H5Sselect_hyperslab(table.space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0) return false;
    Hdf5Handle const memory = opened(H5Screate_simple(2, count.data(), nullptr), H5Sclose, "rows of a table");
    return H5Dread(table.field.id(), H5T_NATIVE_DOUBLE, memory.id(), table.space.id(), H5P_DEFAULT, out) >= 0;
}

} // namespace

std::optional<Image<double>> find_table(hid_t file, std::string const& path) {
    auto const table = find_dataset(file, path, H5T_FLOAT, 2);
    if (!table || table->dims[0] > most_values || table->dims[1] > most_values || table->dims[0] * table->dims[1] > most_values)
        return std::nullopt;
    Image<double> out(table->dims[0], table->dims[1]);
    if (out.size() > 0 && !read_rows(*table, 0, table->dims[0], out.pixels.data())) return std::nullopt;
    return out;
}

std::optional<std::vector<double>> find_row_sums(hid_t file, std::string const& path) {
    auto const table = find_dataset(file, path, H5T_FLOAT, 2);
    if (!table || table->dims[0] > most_values || table->dims[1] > most_values) return std::nullopt;
    hsize_t const rows = table->dims[0], cols = table->dims[1];
    constexpr hsize_t strip_values = 1 << 20;
    hsize_t const strip = std::max<hsize_t>(1, strip_values / std::max<hsize_t>(1, cols));
    std::vector<double> sums(rows), values(strip * cols);
    for (hsize_t first = 0; first < rows && cols > 0; first += strip) {
        hsize_t const taken = std::min(strip, rows - first);
        if (!read_rows(*table, first, taken, values.data())) return std::nullopt;
        for (hsize_t row = 0; row < taken; ++row) {
            auto const of_row = std::span(values).subspan(row * cols, cols);
            sums[first + row] = std::accumulate(of_row.begin(), of_row.end(), 0.0);
        }
    }
    return sums;
}

std::optional<bool> find_flag(hid_t file, std::string const& path) {
    auto const found = find_dataset(file, path, H5T_ENUM, 0);
    if (!found || H5Tget_size(found->type.id()) != 1) return std::nullopt;
    std::int8_t value = 0;
    if (H5Dread(found->field.id(), found->type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) < 0) return std::nullopt;
    return value != 0;
}

std::optional<std::vector<std::string>> find_texts(hid_t file, std::string const& path) {
    auto const list = find_dataset(file, path, H5T_STRING, 1);
    if (!list || H5Tis_variable_str(list->type.id()) <= 0 || list->dims[0] > most_values) return std::nullopt;
    std::vector<char*> raw(list->dims[0], nullptr);
    if (raw.empty()) return std::vector<std::string>{};
    if (H5Dread(list->field.id(), list->type.id(), H5S_ALL, H5S_ALL, small_transfer().id(), raw.data()) < 0) return std::nullopt;
    std::vector<std::string> out;
    for (char const* text : raw) out.emplace_back(text == nullptr ? "" : text);
    H5Dvlen_reclaim(list->type.id(), list->space.id(), H5P_DEFAULT, raw.data());
    return out;
}

} // namespace sqd
