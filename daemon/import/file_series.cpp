// Which reader a path goes to.
#include "daemon/import/file_series.hpp"

#include "daemon/import/image_series.hpp"
#include "daemon/import/image_sources.hpp"
#include "daemon/import/input_kind.hpp"
#include "daemon/import/message_sequence.hpp"
#include "daemon/import/message_series.hpp"
#include "daemon/import/recorded_messages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

/// What a file holds, or one source that tells why it does not open.
std::vector<ImageSource> sources_or_why(fs::path const& file, InputKind kind, FileOptions const& options) {
    try {
        return image_sources(file, kind, options);
    } catch (DecodeError const& error) {
        return {{file.string(), false, [error]() -> ImageFile { throw error; }}};
    }
}

std::vector<ImageSource> sources_of(InputFiles const& inputs, FileOptions const& options) {
    if (inputs.files.size() == 1) return image_sources(inputs.files.front(), inputs.kind, options);
    std::vector<ImageSource> sources;
    for (auto const& file : inputs.files) std::ranges::move(sources_or_why(file, inputs.kind, options), std::back_inserter(sources));
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

} // namespace

FileSeries open_file_series(std::vector<fs::path> const& paths, FileOptions const& options) {
    auto files = paths;
    FileOptions how = options;
    if (files.size() == 1) {
        auto [file, dataset] = split_dataset(files.front());
        files.front() = std::move(file);
        if (!dataset.empty()) how.dataset = std::move(dataset);
    }
    InputFiles const inputs = inputs_of(files);
    try {
        FileSeries series = is_image(inputs.kind) ? image_series(sources_of(inputs, how), how) : message_series(inputs, how);
        series.name = series_name(files);
        return series;
    } catch (DecodeError const& error) {
        throw DataError(inputs.files.front().string() + ": " + error.what());
    }
}

} // namespace sqd
