#include "daemon/import/hdf5_dataset.hpp"

#include "daemon/import/hdf5_field.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

namespace sqd {

namespace {

namespace fs = std::filesystem;

/// A name that HDF5 writes into a buffer of the size that it asks for.
std::string name_from(std::function<ssize_t(char* out, std::size_t bytes)> const& get) {
    constexpr ssize_t longest = 64 * 1024;
    ssize_t const length = get(nullptr, 0);
    if (length <= 0 || length > longest) return "";
    std::string name(static_cast<std::size_t>(length), '\0');
    get(name.data(), name.size() + 1);
    return name;
}

/// HDF5 reads pixels of a source that is not there as 0, which looks like a count.
void require_sources(hid_t file, hid_t properties) {
    std::size_t sources = 0;
    if (H5Pget_virtual_count(properties, &sources) < 0) return;
    auto const folder = fs::path(name_from([&](char* out, std::size_t n) { return H5Fget_name(file, out, n); })).parent_path();
    for (std::size_t i = 0; i < sources; ++i) {
        auto const name = name_from([&](char* out, std::size_t n) { return H5Pget_virtual_filename(properties, i, out, n); });
        std::error_code error;
        if (name == "." || name.find('%') != name.npos || fs::exists(folder / name, error) || fs::exists(name, error)) continue;
        throw DecodeError(DecodeFault::truncated,
                          "source file " + name + " of a virtual dataset is not there (its pixels would read 0) put it beside this file");
    }
}

/// Bytes of the chunks that one image touches; 0 where the dataset has no chunks.
std::size_t chunk_bytes_of_image(hid_t dataset, hid_t properties, std::string const& path, DecoderLimits const& limits) {
    if (H5Pget_layout(properties) != H5D_CHUNKED) return 0;
    constexpr int most_dimensions = 32;
    std::array<hsize_t, most_dimensions> chunk{}, sides{};
    Hdf5Handle const space = opened(H5Dget_space(dataset), H5Sclose, path);
    Hdf5Handle const type = opened(H5Dget_type(dataset), H5Tclose, path);
    int const dimensions = H5Pget_chunk(properties, most_dimensions, chunk.data());
    if (dimensions < 2 || dimensions != H5Sget_simple_extent_dims(space.id(), sides.data(), nullptr)) return 0;
    // HDF5 bounds a chunk to 4 GB: no overflow here.
    hsize_t bytes = H5Tget_size(type.id());
    for (int i = 0; i < dimensions; ++i) bytes *= std::max<hsize_t>(chunk[static_cast<std::size_t>(i)], 1);
    if (bytes > limits.max_image_bytes)
        throw DecodeError(DecodeFault::oversized, path + " has chunks of " + std::to_string(bytes) + " bytes (at most " +
                                                      std::to_string(limits.max_image_bytes) + " are read)");
    for (auto const i : {static_cast<std::size_t>(dimensions) - 2, static_cast<std::size_t>(dimensions) - 1}) {
        hsize_t const side = std::max<hsize_t>(chunk[i], 1), chunks = sides[i] / side + (sides[i] % side != 0 ? 1 : 0);
        if (chunks > limits.max_image_bytes / std::max<hsize_t>(bytes, 1)) return limits.max_image_bytes;
        bytes *= chunks;
    }
    return bytes;
}

} // namespace

Hdf5Handle open_hdf5_dataset(hid_t file, std::string const& path, DecoderLimits const& limits) {
    Hdf5Handle dataset = opened(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose, path);
    Hdf5Handle const properties = opened(H5Dget_create_plist(dataset.id()), H5Pclose, path);
    if (H5Pget_layout(properties.id()) == H5D_VIRTUAL) require_sources(file, properties.id());
    std::size_t const cached = chunk_bytes_of_image(dataset.id(), properties.id(), path, limits);
    if (cached == 0) return dataset;
    Hdf5Handle const access = opened(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, path);
    constexpr std::size_t slots = 10007; // a prime well above the chunks of an image
    constexpr double evict_read_first = 1;
    H5Pset_chunk_cache(access.id(), slots, cached, evict_read_first);
    return opened(H5Dopen2(file, path.c_str(), access.id()), H5Dclose, path);
}

} // namespace sqd
