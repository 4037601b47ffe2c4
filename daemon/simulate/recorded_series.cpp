// Series that were recorded.
#include "daemon/simulate/series_messages.hpp"
#include "pipeline/core/errors.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

namespace sqd::simulated {

namespace {

Part read_part(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw IoError("cannot read " + path.string() + " (missing or no permission) name a folder of recorded messages", false);
    std::string const bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return part_of(bytes);
}

} // namespace

SeriesMessages recorded_series(std::filesystem::path const& directory) {
    std::map<unsigned, std::map<unsigned, std::filesystem::path>> files;
    std::error_code error;
    for (auto const& entry : std::filesystem::directory_iterator(directory, error)) {
        unsigned message = 0, part = 0;
        int length = 0;
        auto const file = entry.path().filename().string();
        if (std::sscanf(file.c_str(), "m%u_p%u.bin%n", &message, &part, &length) == 2 && static_cast<std::size_t>(length) == file.size())
            files[message][part] = entry.path();
    }
    if (files.empty())
        throw IoError("no recorded messages in " + directory.string() + " (files mNNNN_pK.bin are wanted) name another folder", false);
    std::vector<SharedMessage> messages;
    for (auto const& [number, parts] : files) {
        auto& message = messages.emplace_back();
        for (auto const& [part, path] : parts) message.push_back(std::make_shared<Part const>(read_part(path)));
    }
    SeriesMessages series;
    series.start = messages.front();
    series.frames = messages.size() - 1;
    series.prepared = true;
    series.frame = [messages = std::move(messages)](std::uint64_t i) { return messages[i + 1]; };
    return series;
}

} // namespace sqd::simulated
