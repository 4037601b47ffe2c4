// Which reader a path goes to.
#include "daemon/import/file_series.hpp"

#include "daemon/import/cbf_file.hpp"
#include "daemon/import/edf_file.hpp"
#include "daemon/import/hdf5_file.hpp"
#include "daemon/import/image_series.hpp"
#include "daemon/import/input_kind.hpp"
#include "daemon/import/message_sequence.hpp"
#include "daemon/import/message_series.hpp"
#include "daemon/import/npy_file.hpp"
#include "daemon/import/recorded_messages.hpp"
#include "daemon/import/tiff_file.hpp"

#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

using OpenImageFile = ImageFile (*)(fs::path const&, FileOptions const&);

OpenImageFile reader_of(InputKind kind) {
    switch (kind) {
    case InputKind::cbf: return open_cbf_file;
    case InputKind::tiff: return open_tiff_file;
    case InputKind::edf: return open_edf_file;
    default: return open_npy_file;
    }
}

/// What a file holds, or one source that tells why it does not open.
std::vector<ImageSource> hdf5_sources_or_why(fs::path const& file, FileOptions const& options) {
    try {
        return hdf5_sources(file, options);
    } catch (DecodeError const& error) {
        return {{file.string(), false, [error]() -> ImageFile { throw error; }}};
    }
}

std::vector<ImageSource> image_sources(InputFiles const& inputs, FileOptions const& options) {
    std::vector<ImageSource> sources;
    for (auto const& file : inputs.files) {
        if (inputs.kind == InputKind::hdf5) {
            auto of_file = inputs.files.size() == 1 ? hdf5_sources(file, options) : hdf5_sources_or_why(file, options);
            std::ranges::move(of_file, std::back_inserter(sources));
        } else {
            auto const open = reader_of(inputs.kind);
            sources.push_back({file.string(), false, [open, file, options] { return open(file, options); }});
        }
    }
    return sources;
}

/// The only source is opened at once: a file that cannot be read is no series.
FileSeries image_series(std::vector<ImageSource> sources, FileOptions const& options) {
    FileSeries series;
    if (sources.size() > 1) {
        series.images = sources.front().numbered ? 0 : sources.size();
    } else {
        auto const file = sources.front().open();
        series.images = file.images;
        sources.front().open = [file] { return file; };
    }
    series.next = image_events(std::move(sources), options);
    return series;
}

FileSeries message_series(InputFiles const& inputs, FileOptions const& options) {
    auto const& limits = options.decoder.limits;
    auto const read = inputs.kind == InputKind::message_parts ? part_file_messages
                      : inputs.kind == InputKind::message     ? whole_file_messages
                                                              : sequence_messages;
    return {message_events(read(inputs.files, limits), options), 0, ""};
}

/// file.h5::/path
void split_dataset(std::vector<fs::path>& paths, FileOptions& options) {
    if (paths.size() != 1) return;
    std::string const text = paths.front().string();
    auto const at = text.rfind("::");
    if (at == text.npos || at == 0) return;
    options.dataset = text.substr(at + 2);
    paths.front() = text.substr(0, at);
}

} // namespace

FileSeries open_file_series(std::vector<fs::path> const& paths, FileOptions const& options) {
    auto files = paths;
    FileOptions how = options;
    split_dataset(files, how);
    InputFiles const inputs = inputs_of(files);
    try {
        FileSeries series = is_image(inputs.kind) ? image_series(image_sources(inputs, how), how) : message_series(inputs, how);
        series.name = series_name(files);
        return series;
    } catch (DecodeError const& error) {
        throw DataError(inputs.files.front().string() + ": " + error.what());
    }
}

} // namespace sqd
