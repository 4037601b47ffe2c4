// Reads fields of an HDF5 file back with the C library alone.
#pragma once

#include <doctest/doctest.h>
#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

namespace sqd::test {

class Hdf5File {
public:
    explicit Hdf5File(std::filesystem::path const& path) : id_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) { REQUIRE(id_ >= 0); }
    ~Hdf5File() { H5Fclose(id_); }
    Hdf5File(Hdf5File const&) = delete;
    Hdf5File& operator=(Hdf5File const&) = delete;

    bool has(std::string const& path) const { return H5Lexists(id_, path.c_str(), H5P_DEFAULT) > 0; }

    /// When HDF5 says that a field was last changed; 0 = it does not say.
    std::int64_t time_of(std::string const& path) const {
        H5O_info_t info{};
        CHECK(H5Oget_info_by_name2(id_, path.c_str(), &info, H5O_INFO_TIME, H5P_DEFAULT) >= 0);
        return static_cast<std::int64_t>(info.ctime);
    }

    std::vector<hsize_t> shape(std::string const& path) const {
        hid_t const field = open(path), space = H5Dget_space(field);
        std::vector<hsize_t> dims(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
        H5Sget_simple_extent_dims(space, dims.data(), nullptr);
        H5Sclose(space);
        H5Dclose(field);
        return dims;
    }

    /// All values of a field, row by row; one for a scalar.
    template <class T>
    std::vector<T> values(std::string const& path) const {
        std::vector<T> out(size(path));
        hid_t const field = open(path);
        if (!out.empty()) CHECK(H5Dread(field, native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) >= 0);
        H5Dclose(field);
        return out;
    }
    template <class T>
    T value(std::string const& path) const {
        auto const all = values<T>(path);
        REQUIRE(all.size() == 1);
        return all.front();
    }

    std::vector<std::string> texts(std::string const& path) const {
        std::vector<char*> raw(size(path));
        hid_t const field = open(path), type = H5Dget_type(field);
        std::vector<std::string> out;
        if (!raw.empty()) CHECK(H5Dread(field, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) >= 0);
        for (char* text : raw) {
            out.emplace_back(text);
            H5free_memory(text);
        }
        H5Tclose(type);
        H5Dclose(field);
        return out;
    }
    std::string text(std::string const& path) const {
        auto const all = texts(path);
        REQUIRE(all.size() == 1);
        return all.front();
    }

    std::string attribute(std::string const& object, std::string const& name) const {
        hid_t const attribute = H5Aopen_by_name(id_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
        INFO(object, " @", name);
        REQUIRE(attribute >= 0);
        hid_t const type = H5Aget_type(attribute);
        char* raw = nullptr;
        CHECK(H5Aread(attribute, type, &raw) >= 0);
        std::string out = raw;
        H5free_memory(raw);
        H5Tclose(type);
        H5Aclose(attribute);
        return out;
    }

private:
    template <class T>
    static hid_t native() {
        if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
        if constexpr (std::is_same_v<T, std::uint64_t>) return H5T_NATIVE_UINT64;
        if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
        if constexpr (std::is_same_v<T, std::uint32_t>) return H5T_NATIVE_UINT32;
        if constexpr (std::is_same_v<T, std::int8_t>) return H5T_NATIVE_INT8;
    }
    hid_t open(std::string const& path) const {
        hid_t const field = H5Dopen2(id_, path.c_str(), H5P_DEFAULT);
        INFO(path);
        REQUIRE(field >= 0);
        return field;
    }
    std::size_t size(std::string const& path) const {
        std::size_t n = 1;
        for (hsize_t const d : shape(path)) n *= d;
        return n;
    }
    hid_t id_;
};

} // namespace sqd::test
