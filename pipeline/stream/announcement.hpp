// What was said of the next series: by control, or in the detector's header appendix. One grammar, one parser.
#pragma once

#include "pipeline/core/scan.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace sqd {

/// Parses the JSON object of an announcement: role, name, mount, calibrant, points, grid [rows, cols], pitch_um [slow, fast], snake, sample
/// {composition, density_g_cm3 or density_A3, thickness_um, thickness_sigma_um, transmission}, monitor (number or array), attenuation,
/// parameters {name: number}. Throws DataError `key: problem (why)` for a wrong type or value. `strict`: an unknown key is an error
/// (control); else it is passed over (a header appendix belongs to its site).
ScanAnnouncement parse_announcement(std::string const& json_text, bool strict);

/// `first`, and key by key `second` where first is silent.
ScanAnnouncement merge(ScanAnnouncement first, ScanAnnouncement const& second);

/// The one announcement that is pending, shared by control and processing.
class AnnouncementBoard {
public:
    /// What became of an announcement.
    struct Placed {
        bool to_running = false; ///< applies to the series that is running unannounced
        bool replaced = false;   ///< an earlier one was pending and is gone
    };
    Placed place(ScanAnnouncement announcement);

    /// Processing: a series starts; takes the pending announcement. `begun`: its scan was begun by control, so that what is announced from
    /// now on is for the next one.
    std::optional<ScanAnnouncement> series_started(bool begun = false);
    /// Processing: what was said of the running series since its start.
    std::optional<ScanAnnouncement> take_for_running();
    void series_ended();
    /// Processing: a series of before a restart goes on; what is pending is for the next one. `announced`: it had one.
    void series_resumed(bool announced);
    /// Processing: the series it was taken for had no frame; it waits again, unless a later one does.
    void give_back(ScanAnnouncement announcement);
    bool pending() const;

private:
    mutable std::mutex mutex_;
    std::optional<ScanAnnouncement> next_, for_running_;
    bool running_ = false, running_announced_ = false;
};

} // namespace sqd
