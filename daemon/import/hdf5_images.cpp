#include "daemon/import/hdf5_images.hpp"

#include "daemon/import/hdf5_field.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_objects = 100000; ///< looked at; a file that holds more is asked for the dataset's name

/// data_000001, data_000002, ...
bool is_data_link(std::string const& name) {
    constexpr std::string_view prefix = "data_";
    return name.starts_with(prefix) && name.size() > prefix.size() &&
           name.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
}

/// Names of the data links of a group, in order; empty where it is no group.
std::vector<std::string> data_links(hid_t file, std::string const& group) {
    std::vector<std::string> names;
    if (!has_object(file, group)) return names;
    auto const keep = [](hid_t, char const* name, H5L_info_t const*, void* out) -> herr_t {
        auto& kept = *static_cast<std::vector<std::string>*>(out);
        if (is_data_link(name)) kept.emplace_back(name);
        return kept.size() < most_objects ? 0 : 1;
    };
    H5Literate_by_name(file, group.c_str(), H5_INDEX_NAME, H5_ITER_INC, nullptr, keep, &names, H5P_DEFAULT);
    std::ranges::sort(names, {}, [](std::string const& name) { return std::pair(name.size(), name); });
    return names;
}

/// The file that an external link names, beside the one that holds the link; nullopt for other links.
std::optional<fs::path> linked_file(hid_t file, std::string const& link, fs::path const& path) {
    constexpr std::size_t longest = 64 * 1024;
    H5L_info_t info{};
    if (H5Lget_info(file, link.c_str(), &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_EXTERNAL || info.u.val_size > longest)
        return std::nullopt;
    std::vector<char> value(info.u.val_size + 1);
    char const* name = nullptr;
    if (H5Lget_val(file, link.c_str(), value.data(), value.size(), H5P_DEFAULT) < 0 ||
        H5Lunpack_elink_val(value.data(), info.u.val_size, nullptr, &name, nullptr) < 0)
        return std::nullopt;
    return path.parent_path() / name;
}

Hdf5Images images_at(hid_t file, std::string const& link, fs::path const& path) {
    Hdf5Images images{link, linked_file(file, link, path).value_or(path), ""};
    if (has_object(file, link)) return images;
    std::error_code error;
    bool const there = fs::exists(images.file, error);
    images.missing = "images cannot be opened (" + link + " of " + path.filename().string() + " leads to " +
                     (there ? images.file.filename().string() + ", where they are not)" : "this file, which is not there)") +
                     " put the data files beside the master file";
    return images;
}

std::vector<Hdf5Images> linked_images(hid_t file, std::string const& group, fs::path const& path) {
    std::vector<Hdf5Images> images;
    for (auto const& name : data_links(file, group)) images.push_back(images_at(file, group + "/" + name, path));
    return images;
}

/// 0 where it holds no numbers. h5py writes true and false as an enumeration.
int dimensions_of(hid_t file, std::string const& path, bool any_number) {
    Hdf5Handle const dataset = opened(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose, path);
    Hdf5Handle const type = opened(H5Dget_type(dataset.id()), H5Tclose, path);
    Hdf5Handle const space = opened(H5Dget_space(dataset.id()), H5Sclose, path);
    auto const kind = H5Tget_class(type.id());
    bool const numbers = kind == H5T_INTEGER || kind == H5T_FLOAT || (any_number && kind == H5T_ENUM);
    return numbers ? H5Sget_simple_extent_ndims(space.id()) : 0;
}

bool is_dataset(hid_t file, std::string const& path) {
    if (!has_object(file, path)) return false;
    return H5Iget_type(opened(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, path).id()) == H5I_DATASET;
}

/// Where `default` of the root, then of the entry, and `signal` of the data lead; empty where they do not.
std::string nexus_default(hid_t file, bool any_number) {
    auto const entry = find_text_attribute(file, "/", "default");
    if (!entry) return "";
    std::string const data = std::string("/").append(*entry);
    auto const group = find_text_attribute(file, data, "default");
    std::string const where = group ? data + "/" + *group : data;
    auto const signal = find_text_attribute(file, where, "signal");
    if (!signal) return "";
    std::string const path = where + "/" + *signal;
    return is_dataset(file, path) && dimensions_of(file, path, any_number) >= 2 ? path : "";
}

std::vector<std::string> all_datasets(hid_t file) {
    std::vector<std::string> paths;
    auto const keep = [](hid_t, char const* name, H5O_info_t const* info, void* out) -> herr_t {
        auto& kept = *static_cast<std::vector<std::string>*>(out);
        if (info->type == H5O_TYPE_DATASET) kept.push_back(std::string("/").append(name));
        return kept.size() < most_objects ? 0 : 1;
    };
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, keep, &paths, H5O_INFO_BASIC);
    return paths;
}

std::string only_stack(hid_t file, bool any_number) {
    auto const paths = all_datasets(file);
    for (int const dimensions : {3, 2}) {
        std::vector<std::string> found;
        std::ranges::copy_if(paths, std::back_inserter(found),
                             [&](auto const& path) { return dimensions_of(file, path, any_number) == dimensions; });
        if (found.size() == 1) return found.front();
        if (found.empty()) continue;
        constexpr std::size_t named = 5;
        std::string names;
        for (std::size_t i = 0; i < std::min(named, found.size()); ++i) names.append(i > 0 ? ", " : "").append(found[i]);
        throw DecodeError(DecodeFault::unsupported, std::to_string(found.size()) + " datasets may be the images (" + names +
                                                        (found.size() > named ? ", ..." : "") + ") name one, file.h5::/path");
    }
    throw DecodeError(DecodeFault::unsupported, "no images (no dataset of two or three dimensions holds numbers)");
}

} // namespace

std::vector<Hdf5Images> find_hdf5_images(hid_t file, fs::path const& path, FileOptions const& options) {
    if (auto const& dataset = options.dataset; !dataset.empty()) {
        std::string const named = dataset.front() == '/' ? dataset : std::string("/").append(dataset);
        if (auto images = linked_images(file, named, path); !images.empty()) return images;
        if (!has_link(file, named)) throw DecodeError(DecodeFault::malformed, "no dataset " + named + " (there is nothing of that name)");
        auto const images = images_at(file, named, path);
        if (images.missing.empty() && !is_dataset(file, named))
            throw DecodeError(DecodeFault::unsupported, named + " is no dataset (it is a group without data_000001)");
        return {images};
    }
    for (char const* group : {"/entry/data", "/entry"})
        if (auto images = linked_images(file, group, path); !images.empty()) return images;
    if (has_link(file, "/entry/data/data")) return {images_at(file, "/entry/data/data", path)};
    if (auto const signal = nexus_default(file, options.any_number); !signal.empty()) return {images_at(file, signal, path)};
    return {images_at(file, only_stack(file, options.any_number), path)};
}

} // namespace sqd
