#include "daemon/import/input_kind.hpp"

#include "daemon/import/file_content.hpp"
#include "daemon/import/natural_order.hpp"
#include "daemon/import/recorded_messages.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <map>

namespace sqd {

namespace {

namespace fs = std::filesystem;

struct Ending {
    char const* text;
    InputKind kind;
    bool packed; ///< may be followed by .gz or .bz2
};

constexpr std::array endings{
    Ending{".cbf", InputKind::cbf, true},       Ending{".tif", InputKind::tiff, false},
    Ending{".tiff", InputKind::tiff, false},    Ending{".edf", InputKind::edf, true},
    Ending{".npy", InputKind::npy, true},       Ending{".h5", InputKind::hdf5, false},
    Ending{".hdf5", InputKind::hdf5, false},    Ending{".nxs", InputKind::hdf5, false},
    Ending{".cbor", InputKind::message, false}, Ending{".cbors", InputKind::message_sequence, false},
};

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

DataError unknown_kind(fs::path const& file) {
    return DataError(file.string() + ": no kind of input (known: .cbf, .edf and .npy, also .gz and .bz2, .tif, .h5, .hdf5, .nxs, " +
                     "mNNNN_pK.bin, .cbor, .cbors) rename it");
}

void require_there(fs::path const& path) {
    std::error_code error;
    if (!fs::exists(path, error))
        throw IoError(path.string() + ": cannot be read (" + (error ? error.message() : "no such file or folder") + ") check the path",
                      false);
}

bool ends_in(fs::path const& file, std::string_view ending) {
    return file.stem().string().ends_with(ending);
}

/// Master files lead to their data files.
void keep_masters(std::vector<fs::path>& files) {
    auto const is_master = [](fs::path const& file) { return ends_in(file, "_master"); };
    if (std::ranges::any_of(files, is_master)) std::erase_if(files, [&](fs::path const& file) { return !is_master(file); });
}

/// "scan" of "scan_0001", "scan_master", "scan_data_000001".
std::string without_counter(std::string name) {
    auto const cut = name.find_last_not_of("0123456789");
    if (cut != name.npos && cut > 0 && cut + 1 < name.size() && (name[cut] == '_' || name[cut] == '-')) name.resize(cut);
    return name;
}

std::string without_ending(std::string name, std::string_view ending) {
    if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
    return name;
}

} // namespace

std::optional<InputKind> input_kind(fs::path const& file) {
    if (part_name(file)) return InputKind::message_parts;
    auto const plain = unpacked_name(file);
    bool const packed = plain != file.filename();
    auto const text = lower(plain.extension().string());
    auto const found = std::ranges::find_if(endings, [&](Ending const& e) { return text == e.text && (e.packed || !packed); });
    return found != endings.end() ? std::optional(found->kind) : std::nullopt;
}

char const* name(InputKind kind) {
    switch (kind) {
    case InputKind::cbf: return "CBF images";
    case InputKind::tiff: return "TIFF images";
    case InputKind::edf: return "EDF images";
    case InputKind::npy: return "NumPy images";
    case InputKind::hdf5: return "HDF5 files";
    case InputKind::message_parts: return "parts of messages";
    case InputKind::message: return "messages";
    case InputKind::message_sequence: return "sequences of messages";
    }
    return "unknown";
}

bool is_image(InputKind kind) {
    return kind < InputKind::message_parts;
}

namespace {

/// The inputs of one folder, kind by kind; `error` is set where it cannot be listed.
std::vector<InputFiles> inputs_by_kind(fs::path const& folder, std::error_code& error) {
    std::map<InputKind, std::vector<fs::path>> found;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (auto const kind = input_kind(at->path()); kind && at->is_regular_file(error)) found[*kind].push_back(at->path());
    std::vector<InputFiles> inputs;
    for (auto& [kind, files] : found) {
        std::ranges::sort(files, [](fs::path const& a, fs::path const& b) { return natural_less(a.native(), b.native()); });
        if (kind == InputKind::hdf5) keep_masters(files);
        inputs.push_back({kind, std::move(files)});
    }
    return inputs;
}

} // namespace

InputFiles inputs_in(fs::path const& folder) {
    std::error_code error;
    auto found = inputs_by_kind(folder, error);
    if (error) throw IoError(folder.string() + ": cannot be read (" + error.message() + ") check the path", false);
    if (found.empty()) throw DataError(folder.string() + ": nothing to read (no images and no recorded messages in this folder)");
    if (found.size() > 1)
        throw DataError(folder.string() + ": " + name(found[0].kind) + " and " + name(found[1].kind) +
                        " (one kind is a series) name the files");
    return std::move(found.front());
}

std::vector<InputFiles> inputs_below(fs::path const& folder) {
    std::vector<fs::path> folders{folder};
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end; !error && at != end;
         at.increment(error))
        if (at->is_directory(error) && !at->is_symlink(error)) folders.push_back(at->path());
    std::ranges::sort(folders, [](fs::path const& a, fs::path const& b) { return natural_less(a.native(), b.native()); });
    std::vector<InputFiles> inputs;
    for (auto const& one : folders) std::ranges::move(inputs_by_kind(one, error), std::back_inserter(inputs));
    return inputs;
}

InputFiles inputs_of(std::vector<fs::path> const& paths) {
    if (paths.empty()) throw DataError("no input (not one file was named)");
    for (auto const& path : paths) require_there(path);
    if (paths.size() == 1 && fs::is_directory(paths.front())) return inputs_in(paths.front());
    std::optional<InputKind> kind;
    for (auto const& path : paths) {
        auto const its = fs::is_directory(path) ? std::nullopt : input_kind(path);
        if (!its) throw unknown_kind(path);
        if (kind.value_or(*its) != *its)
            throw DataError(path.string() + ": " + name(*its) + " among " + name(*kind) + " (one kind is a series) name those of one kind");
        kind = its;
    }
    return {*kind, paths};
}

std::string series_name(std::vector<fs::path> const& paths) {
    fs::path path = paths.front().lexically_normal();
    if (path.filename().empty()) path = path.parent_path();
    std::error_code error;
    if (fs::is_directory(path, error)) return path.filename().string();
    std::string const first = unpacked_name(path).stem().string();
    std::string const series = without_counter(first), of_data = without_ending(series, "_data");
    if (of_data != series) return of_data;
    return without_ending(paths.size() > 1 ? series : first, "_master");
}

} // namespace sqd
