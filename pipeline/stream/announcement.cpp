#include "pipeline/stream/announcement.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/core/json_depth.hpp"
#include "pipeline/reduce/calibrants.hpp"
#include "pipeline/stream/uuid.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>
#include <utility>

namespace sqd {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(std::string const& key, std::string const& problem) {
    throw DataError(key + ": " + problem);
}

double number(Json const& value, std::string const& key) {
    if (!value.is_number()) fail(key, "not a number (" + value.dump() + ")");
    double const x = value.get<double>();
    if (!std::isfinite(x)) fail(key, "not finite");
    return x;
}

double positive(Json const& value, std::string const& key) {
    double const x = number(value, key);
    if (x <= 0) fail(key, "must be positive (" + value.dump() + ")");
    return x;
}

/// It goes into every header of its scan.
std::string text(Json const& value, std::string const& key) {
    constexpr std::size_t longest = 256, most_shown = 64;
    if (!value.is_string()) fail(key, "not a text (" + value.dump().substr(0, most_shown) + ")");
    auto out = value.get<std::string>();
    if (out.size() > longest) fail(key, "longer than " + std::to_string(longest) + " bytes");
    return out;
}

std::uint64_t count(Json const& value, std::string const& key) {
    if (!value.is_number_integer() || value.get<double>() < 1) fail(key, "not a whole number from 1 (" + value.dump() + ")");
    return value.get<std::uint64_t>();
}

constexpr std::uint64_t most_points = std::uint64_t{1} << 48; ///< what detectors count up to

MapGrid grid(Json const& json) {
    Json const& shape = json.at("grid");
    if (!shape.is_array() || shape.size() != 2) fail("grid", "not [rows, columns] (" + shape.dump() + ")");
    MapGrid out;
    out.rows = count(shape[0], "grid");
    out.cols = count(shape[1], "grid");
    if (out.rows > most_points / out.cols) fail("grid", "of too many points (" + shape.dump() + ")");
    if (json.contains("pitch_um")) {
        Json const& pitch = json.at("pitch_um");
        if (!pitch.is_array() || pitch.size() != 2) fail("pitch_um", "not [slow, fast] (" + pitch.dump() + ")");
        out.pitch_um = {positive(pitch[0], "pitch_um"), positive(pitch[1], "pitch_um")};
    }
    if (json.contains("snake")) {
        if (!json.at("snake").is_boolean()) fail("snake", "not true or false");
        out.snake = json.at("snake").get<bool>();
    }
    return out;
}

void read_sample(Json const& sample, ScanAnnouncement& out, bool strict) {
    static std::set<std::string> const known{"composition",  "density_g_cm3",      "density_A3",
                                             "thickness_um", "thickness_sigma_um", "transmission"};
    if (!sample.is_object()) fail("sample", "not an object");
    for (auto const& [key, value] : sample.items()) {
        if (strict && !known.contains(key)) fail("sample." + key, "unknown key");
    }
    if (sample.contains("composition")) {
        out.composition = text(sample.at("composition"), "sample.composition");
        parse_composition(*out.composition); // refuse now what could not be used later
    }
    if (sample.contains("density_g_cm3")) out.density_g_cm3 = positive(sample.at("density_g_cm3"), "sample.density_g_cm3");
    if (sample.contains("density_A3")) out.density_A3 = positive(sample.at("density_A3"), "sample.density_A3");
    if (out.density_g_cm3 && out.density_A3) fail("sample.density_A3", "beside density_g_cm3 (one says the other)");
    if (sample.contains("thickness_um")) out.thickness_um = positive(sample.at("thickness_um"), "sample.thickness_um");
    if (sample.contains("thickness_sigma_um"))
        out.thickness_sigma_um = number(sample.at("thickness_sigma_um"), "sample.thickness_sigma_um");
    if (sample.contains("transmission")) {
        out.transmission = positive(sample.at("transmission"), "sample.transmission");
        if (*out.transmission > 1) fail("sample.transmission", "above 1");
    }
}

std::vector<double> monitor(Json const& value) {
    std::vector<double> out;
    if (value.is_array()) {
        for (auto const& item : value) out.push_back(positive(item, "monitor"));
        if (out.empty()) fail("monitor", "an empty list");
    } else {
        out.push_back(positive(value, "monitor"));
    }
    return out;
}

} // namespace

ScanAnnouncement parse_announcement(std::string const& json_text, bool strict) {
    static std::set<std::string> const known{"role",     "calibrant", "name",   "mount",   "points",      "grid",
                                             "pitch_um", "snake",     "sample", "monitor", "attenuation", "parameters"};
    if (json_depth(json_text) > max_json_depth) throw DataError("announcement: nested too deeply");
    Json const json = Json::parse(json_text, nullptr, false);
    if (json.is_discarded() || !json.is_object()) throw DataError("announcement: not a JSON object");
    for (auto const& [key, value] : json.items()) {
        if (strict && !known.contains(key)) fail(key, "unknown key");
    }
    ScanAnnouncement out;
    if (json.contains("role")) {
        out.role = parse_role(text(json.at("role"), "role"));
        if (!out.role) fail("role", "unknown (" + json.at("role").dump() + "), one of sample, background, dark, calibrant");
    }
    if (json.contains("calibrant")) {
        out.calibrant = text(json.at("calibrant"), "calibrant");
        calibrant(*out.calibrant); // refuse now what could not be used later
    }
    if (json.contains("name")) out.name = text(json.at("name"), "name");
    if (json.contains("mount")) out.mount = text(json.at("mount"), "mount");
    if (json.contains("points")) out.points = count(json.at("points"), "points");
    if (json.contains("grid")) out.grid = grid(json);
    if (json.contains("sample")) read_sample(json.at("sample"), out, strict);
    if (json.contains("monitor")) out.monitor = monitor(json.at("monitor"));
    if (json.contains("attenuation")) out.attenuation = positive(json.at("attenuation"), "attenuation");
    if (json.contains("parameters")) {
        constexpr std::size_t most_parameters = 256;
        if (!json.at("parameters").is_object()) fail("parameters", "not an object of numbers");
        if (json.at("parameters").size() > most_parameters) fail("parameters", "more than " + std::to_string(most_parameters));
        for (auto const& [key, value] : json.at("parameters").items()) out.parameters[key] = number(value, "parameters." + key);
    }
    if (out.grid && out.points && *out.points != out.grid->rows * out.grid->cols) {
        fail("points", "differ from the grid (" + std::to_string(*out.points) + " points, grid of " +
                           std::to_string(out.grid->rows * out.grid->cols) + ")");
    }
    if (out.grid && !out.points) out.points = out.grid->rows * out.grid->cols;
    if (out.monitor.size() > 1 && out.points && out.monitor.size() != *out.points) {
        fail("monitor",
             std::to_string(out.monitor.size()) + " values for " + std::to_string(*out.points) + " points (one number, or one per point)");
    }
    return out;
}

ScanAnnouncement merge(ScanAnnouncement first, ScanAnnouncement const& second) {
    auto const fill = [](auto& a, auto const& b) {
        if (!a) a = b;
    };
    bool const own_size = first.points || first.grid; // points and grid belong together
    fill(first.role, second.role);
    fill(first.name, second.name);
    fill(first.mount, second.mount);
    fill(first.calibrant, second.calibrant);
    if (!own_size) {
        first.points = second.points;
        first.grid = second.grid;
    }
    bool const own_density = first.density_g_cm3 || first.density_A3;
    fill(first.composition, second.composition);
    if (!own_density) {
        first.density_g_cm3 = second.density_g_cm3;
        first.density_A3 = second.density_A3;
    }
    fill(first.thickness_um, second.thickness_um);
    fill(first.thickness_sigma_um, second.thickness_sigma_um);
    fill(first.transmission, second.transmission);
    fill(first.attenuation, second.attenuation);
    if (first.monitor.empty()) first.monitor = second.monitor;
    first.parameters.insert(second.parameters.begin(), second.parameters.end());
    return first;
}

AnnouncementBoard::Placed AnnouncementBoard::place(Announced announcement) {
    std::lock_guard lock(mutex_);
    if (running_ && !running_announced_) {
        running_announced_ = true;
        for_running_ = std::move(announcement);
        return {.to_running = true, .replaced = false};
    }
    bool const replaced = next_.has_value();
    next_ = std::move(announcement);
    return {.to_running = false, .replaced = replaced};
}

std::optional<Announced> AnnouncementBoard::series_started(bool begun) {
    std::lock_guard lock(mutex_);
    running_ = true;
    running_announced_ = begun || next_.has_value();
    for_running_.reset();
    taken_ = next_;
    return std::exchange(next_, std::nullopt);
}

std::optional<Announced> AnnouncementBoard::take_for_running() {
    std::lock_guard lock(mutex_);
    return std::exchange(for_running_, std::nullopt);
}

void AnnouncementBoard::series_ended() {
    std::lock_guard lock(mutex_);
    running_ = false;
    taken_.reset();                                              // what comes of the series has it
    if (for_running_ && !next_) next_ = std::move(for_running_); // it was promised a series: the next one
    for_running_.reset();
}

void AnnouncementBoard::series_resumed(bool announced) {
    std::lock_guard lock(mutex_);
    running_ = true;
    running_announced_ = announced;
    for_running_.reset();
}

void AnnouncementBoard::give_back(ScanAnnouncement announcement) {
    std::lock_guard lock(mutex_);
    taken_.reset();
    if (!next_) next_ = Announced{new_uuid(), {}, std::move(announcement)};
}

bool AnnouncementBoard::pending() const {
    std::lock_guard lock(mutex_);
    return next_.has_value();
}

std::optional<Announced> AnnouncementBoard::unsaved() const {
    std::lock_guard lock(mutex_);
    return next_ ? next_ : taken_;
}

bool AnnouncementBoard::saved(std::string const& id) {
    if (id.empty()) return false;
    std::lock_guard lock(mutex_);
    saved_ = id;
    news_.notify_all();
    if (!taken_ || taken_->id != id) return false;
    taken_.reset();
    return !next_;
}

bool AnnouncementBoard::wait_saved(std::string const& id, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, patience, [&] { return saved_ == id; });
}

} // namespace sqd
