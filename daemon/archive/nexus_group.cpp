// NexusGroup on the HDF5 C library.
#include "daemon/archive/nexus_group.hpp"

#include "daemon/hdf5_transfer.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace sqd {

namespace {

Hdf5Handle utf8_text() {
    Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
    check_hdf5(H5Tset_size(type.id(), H5T_VARIABLE), "make a text type");
    check_hdf5(H5Tset_cset(type.id(), H5T_CSET_UTF8), "make a text type");
    return type;
}

/// The enumeration that h5py reads and writes as a truth value.
Hdf5Handle truth() {
    Hdf5Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose, "make a truth type");
    std::int8_t const no = 0, yes = 1;
    check_hdf5(H5Tenum_insert(type.id(), "FALSE", &no), "make a truth type");
    check_hdf5(H5Tenum_insert(type.id(), "TRUE", &yes), "make a truth type");
    return type;
}

Hdf5Handle space_of(std::span<hsize_t const> dims) {
    hid_t const id = dims.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr);
    return Hdf5Handle(id, H5Sclose, "make a shape");
}

Hdf5Handle untimed(hid_t property_class) {
    Hdf5Handle list(H5Pcreate(property_class), H5Pclose, "make a property list");
    check_hdf5(H5Pset_obj_track_times(list.id(), false), "switch off times");
    return list;
}

void put_attribute(hid_t object, std::string const& name, hid_t type, std::span<hsize_t const> dims, void const* data) {
    Hdf5Handle const space = space_of(dims);
    Hdf5Handle const attribute(H5Acreate2(object, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                               "create attribute " + name);
    check_hdf5(H5Awrite(attribute.id(), type, data), "write attribute " + name);
}

void put_text_attribute(hid_t object, std::string const& name, std::string const& value) {
    char const* const text = value.c_str();
    put_attribute(object, name, utf8_text().id(), {}, &text);
}

void put_label(hid_t object, FieldLabel const& label) {
    if (!label.unit.empty()) put_text_attribute(object, "units", label.unit);
    if (!label.long_name.empty()) put_text_attribute(object, "long_name", label.long_name);
}

/// Creates and fills a field; `creation` says how it is stored.
void put_field(hid_t group, std::string const& name, hid_t type, std::span<hsize_t const> dims, void const* data, FieldLabel const& label,
               Hdf5Handle const& creation) {
    Hdf5Handle const space = space_of(dims);
    Hdf5Handle const field(H5Dcreate2(group, name.c_str(), type, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Dclose,
                           "create field " + name);
    bool const empty = std::find(dims.begin(), dims.end(), hsize_t{0}) != dims.end();
    if (!empty) check_hdf5(H5Dwrite(field.id(), type, H5S_ALL, H5S_ALL, small_transfer().id(), data), "write field " + name);
    put_label(field.id(), label);
}

void put_field(hid_t group, std::string const& name, hid_t type, std::span<hsize_t const> dims, void const* data,
               FieldLabel const& label = {}) {
    put_field(group, name, type, dims, data, label, untimed(H5P_DATASET_CREATE));
}

std::vector<char const*> pointers(std::vector<std::string> const& values) {
    std::vector<char const*> out;
    for (std::string const& value : values) out.push_back(value.c_str());
    return out;
}

/// Storage in chunks of whole rows of about 256 KiB: one map point or a strip of them is read without the rest.
Hdf5Handle deflated_rows(hsize_t rows, hsize_t cols) {
    constexpr hsize_t chunk_values = 65536;
    constexpr unsigned level = 4;
    Hdf5Handle list = untimed(H5P_DATASET_CREATE);
    std::array<hsize_t, 2> const chunk{std::clamp<hsize_t>(chunk_values / cols, 1, rows), cols};
    check_hdf5(H5Pset_chunk(list.id(), 2, chunk.data()), "chunk a table");
    check_hdf5(H5Pset_shuffle(list.id()), "shuffle a table");
    check_hdf5(H5Pset_deflate(list.id(), level), "deflate a table");
    return list;
}

template <class T>
void put_table(hid_t group, std::string const& name, hid_t type, Image<T> const& values, FieldLabel const& label) {
    std::array<hsize_t, 2> const dims{values.rows, values.cols};
    if (values.size() == 0) // a chunk cannot be empty
        put_field(group, name, type, dims, values.pixels.data(), label);
    else
        put_field(group, name, type, dims, values.pixels.data(), label, deflated_rows(values.rows, values.cols));
}

} // namespace

NexusGroup::NexusGroup(hid_t file) : group_(H5Gopen2(file, "/", H5P_DEFAULT), H5Gclose, "open the root group") {}

NexusGroup::NexusGroup(Hdf5Handle group) : group_(std::move(group)) {}

NexusGroup NexusGroup::group(std::string const& name, std::string const& nx_class) const {
    Hdf5Handle const creation = untimed(H5P_GROUP_CREATE);
    NexusGroup child(
        Hdf5Handle(H5Gcreate2(group_.id(), name.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Gclose, "create group " + name));
    child.attribute("NX_class", nx_class);
    return child;
}

void NexusGroup::text(std::string const& name, std::string const& value) const {
    char const* const text = value.c_str();
    put_field(group_.id(), name, utf8_text().id(), {}, &text);
}

void NexusGroup::texts(std::string const& name, std::vector<std::string> const& values) const {
    std::array<hsize_t, 1> const dims{values.size()};
    put_field(group_.id(), name, utf8_text().id(), dims, pointers(values).data());
}

void NexusGroup::number(std::string const& name, double value, FieldLabel const& label) const {
    put_field(group_.id(), name, H5T_NATIVE_DOUBLE, {}, &value, label);
}

void NexusGroup::integer(std::string const& name, std::int64_t value) const {
    put_field(group_.id(), name, H5T_NATIVE_INT64, {}, &value);
}

void NexusGroup::count(std::string const& name, std::uint64_t value) const {
    put_field(group_.id(), name, H5T_NATIVE_UINT64, {}, &value);
}

void NexusGroup::flag(std::string const& name, bool value) const {
    std::int8_t const stored = value ? 1 : 0;
    put_field(group_.id(), name, truth().id(), {}, &stored);
}

void NexusGroup::values(std::string const& name, std::vector<double> const& values, FieldLabel const& label) const {
    std::array<hsize_t, 1> const dims{values.size()};
    put_field(group_.id(), name, H5T_NATIVE_DOUBLE, dims, values.data(), label);
}

void NexusGroup::counts(std::string const& name, std::vector<std::uint64_t> const& values, FieldLabel const& label) const {
    std::array<hsize_t, 1> const dims{values.size()};
    put_field(group_.id(), name, H5T_NATIVE_UINT64, dims, values.data(), label);
}

void NexusGroup::pairs(std::string const& name, std::vector<std::pair<std::uint64_t, std::uint64_t>> const& values) const {
    std::vector<std::uint64_t> flat;
    for (auto const& [first, second] : values) flat.insert(flat.end(), {first, second});
    std::array<hsize_t, 2> const dims{values.size(), 2};
    put_field(group_.id(), name, H5T_NATIVE_UINT64, dims, flat.data());
}

void NexusGroup::table(std::string const& name, Image<std::uint32_t> const& values, FieldLabel const& label) const {
    put_table(group_.id(), name, H5T_NATIVE_UINT32, values, label);
}

void NexusGroup::table(std::string const& name, Image<std::uint64_t> const& values, FieldLabel const& label) const {
    put_table(group_.id(), name, H5T_NATIVE_UINT64, values, label);
}

void NexusGroup::table(std::string const& name, Image<double> const& values, FieldLabel const& label) const {
    put_table(group_.id(), name, H5T_NATIVE_DOUBLE, values, label);
}

void NexusGroup::attribute(std::string const& name, std::string const& value) const {
    put_text_attribute(group_.id(), name, value);
}

void NexusGroup::attribute(std::string const& name, std::vector<std::string> const& values) const {
    std::array<hsize_t, 1> const dims{values.size()};
    put_attribute(group_.id(), name, utf8_text().id(), dims, pointers(values).data());
}

void NexusGroup::link(std::string const& name, std::string const& target) const {
    check_hdf5(H5Lcreate_soft(target.c_str(), group_.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), "link " + name);
}

void NexusGroup::link(std::string const& name, std::string const& file, std::string const& target) const {
    check_hdf5(H5Lcreate_external(file.c_str(), target.c_str(), group_.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), "link " + name);
}

} // namespace sqd
