// What control chose and no result holds yet: pending announcement, background, reference. A restart knows it.
#pragma once

#include "daemon/run/background_board.hpp"
#include "daemon/run/reference_board.hpp"
#include "pipeline/stream/announcement.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace sqd {

struct ControlChoices {
    std::optional<Announced> announcement;
    std::optional<BackgroundChoice> background;
    std::optional<ReferenceName> reference;
};

/// journal/README.md says what each byte means. Reading throws DataError for what is not whole or of a later version.
std::vector<std::byte> choices_bytes(ControlChoices const& choices);
ControlChoices read_choices(std::span<std::byte const> bytes);

/// The boards outlive it. From any thread.
class ChoiceKeeper {
public:
    /// Takes bytes at once, in the order of its calls, and says later whether they are on disk (FinalSaver::keep_choices).
    using Keep = std::function<std::shared_future<bool>(std::vector<std::byte>)>;

    ChoiceKeeper(AnnouncementBoard const& announcements, BackgroundBoard const& backgrounds, ReferenceBoard const& references, Keep keep);

    /// Hands in what the boards say now. True when it is on disk within `patience`. A disk that hangs is waited for once.
    bool keep(std::chrono::milliseconds patience);

private:
    AnnouncementBoard const& announcements_;
    BackgroundBoard const& backgrounds_;
    ReferenceBoard const& references_;
    Keep keep_;
    std::mutex mutex_; ///< so that a later state is handed in later
    std::shared_future<bool> last_;
};

} // namespace sqd
