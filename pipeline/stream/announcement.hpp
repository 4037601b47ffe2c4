// What was said of the next series: by control, or in the detector's header appendix. One grammar, one parser.
#pragma once

#include "pipeline/core/scan.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace sqd {

/// Parses the JSON object of an announcement: role, name, mount, calibrant, points, grid [rows, cols], pitch_um [slow, fast], snake, sample
/// {composition, density_g_cm3 or density_A3, thickness_um, thickness_sigma_um, transmission}, monitor (number or array), attenuation,
/// parameters {name: number}. Throws DataError `key: problem (why)` for a wrong type or value. `strict`: an unknown key is an error
/// (control); else it is passed over (a header appendix belongs to its site).
ScanAnnouncement parse_announcement(std::string const& json_text, bool strict);

/// `first`, and key by key `second` where first is silent.
ScanAnnouncement merge(ScanAnnouncement first, ScanAnnouncement const& second);

/// An announcement as control made it.
struct Announced {
    std::string id;      ///< UUID: two that say the same are two
    std::string request; ///< UUID of the command, empty = it had none
    ScanAnnouncement said;
};

/// The one announcement that is pending, shared by control and processing.
class AnnouncementBoard {
public:
    /// What became of an announcement.
    struct Placed {
        bool to_running = false; ///< applies to the series that is running unannounced
        bool replaced = false;   ///< an earlier one was pending and is gone
    };
    Placed place(Announced announcement);
    Placed place(ScanAnnouncement announcement) { return place(Announced{{}, {}, std::move(announcement)}); }

    /// Processing: a series starts; takes the pending announcement. `begun`: its scan was begun by control, so that what is announced from
    /// now on is for the next one.
    std::optional<Announced> series_started(bool begun = false);
    /// Processing: what was said of the running series since its start.
    std::optional<Announced> take_for_running();
    void series_ended();
    /// Processing: a series of before a restart goes on; what is pending is for the next one. `announced`: it had one.
    void series_resumed(bool announced);
    /// Processing: the series it was taken for had no frame; it waits again as another one, unless a later one does.
    void give_back(ScanAnnouncement announcement);
    bool pending() const;

    /// What a restart must be told of: the one that is pending, else the one that a series took and saved() has not been told of.
    std::optional<Announced> unsaved() const;
    /// A restart knows the series and that it took this one (empty = none). False where unsaved() is the same as before.
    bool saved(std::string const& id);
    /// Whether saved() is told of this one before `patience` has passed.
    bool wait_saved(std::string const& id, std::chrono::milliseconds patience) const;

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable news_;
    std::optional<Announced> next_, for_running_;
    std::optional<Announced> taken_; ///< by a series that a restart may not know yet
    std::string saved_;              ///< id of the last one
    bool running_ = false, running_announced_ = false;
};

} // namespace sqd
