#include "daemon/journal/checkpoint_files.hpp"

#include <algorithm>
#include <utility>

namespace sqd {

namespace {

constexpr char const* checkpoint_mark = "SQDC";

}

CheckpointFiles::CheckpointFiles(std::filesystem::path const& directory, std::string const& name)
    : paths_{directory / (name + "-a.sqdc"), directory / (name + "-b.sqdc")} {
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        auto const found = read_sealed(paths_[i], checkpoint_mark);
        if (!found || found->sequence < sequence_) continue;
        sequence_ = found->sequence;
        next_ = 1 - i;
    }
}

std::vector<SealedContent> CheckpointFiles::read() const {
    std::vector<SealedContent> out;
    for (auto const& path : paths_)
        if (auto found = read_sealed(path, checkpoint_mark)) out.push_back(std::move(*found));
    std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.sequence > b.sequence; });
    return out;
}

void CheckpointFiles::write(std::span<std::byte const> content) {
    overwrite_sealed(paths_[next_], checkpoint_mark, sequence_ + 1, content);
    ++sequence_;
    next_ = 1 - next_;
}

} // namespace sqd
