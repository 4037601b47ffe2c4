#include "daemon/simulate/emission.hpp"

#include "daemon/simulate/cbf_folder.hpp"
#include "daemon/verbs/progress.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace sqd::simulated {

namespace {

/// Another machine's address, or all of this one's, as loopback.
std::string on_loopback(std::string const& endpoint) {
    return "tcp://127.0.0.1" + endpoint.substr(endpoint.rfind(':'));
}

/// As asked, else the port of the source's configuration: bound where the daemon connects, connected to where the daemon binds.
DetectorEndpoint endpoint(SimulateOptions const& options, SourceConfig const& source) {
    if (!options.bind.empty()) return {options.bind, false, source.subscribe};
    if (!options.connect.empty()) return {options.connect, true, source.subscribe};
    bool const connects = !source.bind.empty();
    auto const& where = connects ? source.bind : source.connect;
    if (!where.starts_with("tcp://") || (connects && (where.ends_with(":0") || where.ends_with(":*"))))
        throw ConfigError(
            "source: no port to send from or to (the configuration names none) give --bind or --connect tcp://127.0.0.1:9999");
    return {on_loopback(where), connects, source.subscribe};
}

bool asked(std::vector<Fault> const& faults, char const* name) {
    return std::any_of(faults.begin(), faults.end(), [&](Fault const& fault) { return fault.name == name; });
}

} // namespace

Emission::Emission(SimulateOptions const& options, SourceConfig const& source) : wait_s_(options.wait_s) {
    if (!source.directory.empty()) {
        outlet_ = outlet_to_folder(source.directory, options.in_place);
        wait_s_ = 0;
    } else {
        socket_.emplace(endpoint(options, source));
        outlet_ = outlet_to(*socket_);
    }
    std::printf("endpoint %s\n", socket_ ? socket_->endpoint().c_str() : source.directory.c_str());
    std::fflush(stdout);
}

Emission::~Emission() = default;

bool Emission::client_came() {
    if (wait_s_ <= 0) return true;
    if (socket_->wait_for_client(std::chrono::milliseconds(std::llround(wait_s_ * 1e3)))) return true;
    std::fprintf(stderr, "sqd: no client within %g s (nobody connected to %s) start the daemon first\n", wait_s_,
                 socket_->endpoint().c_str());
    return false;
}

PlayedSeries Emission::send(SeriesMessages const& series, SeriesConduct const& conduct) {
    auto schedule = orderly(series.frames);
    for (auto const& fault : conduct.faults) schedule = misbehave(std::move(schedule), fault);
    bool const thief = asked(conduct.faults, "thief");
    if (thief && !socket_) throw DataError("fault 'thief' is not possible (a folder has no clients) choose another");
    if (thief) socket_->let_thief_in();
    auto const frames = std::count_if(schedule.begin(), schedule.end(), [](auto const& s) { return s.what == Sending::What::frame; });
    auto played = play(series, schedule, outlet_, conduct.rate_hz, progress_bar(conduct.name, static_cast<std::uint64_t>(frames)));
    if (thief) socket_->chase_thief_out();
    return played;
}

std::vector<Fault> faults_of(std::vector<Fault> const& faults, std::uint64_t number) {
    std::vector<Fault> out;
    std::copy_if(faults.begin(), faults.end(), std::back_inserter(out),
                 [number](Fault const& fault) { return fault.series == 0 || fault.series == number; });
    return out;
}

Dialect dialect_with(std::vector<Fault> const& faults, Dialect dialect) {
    for (auto const& fault : faults)
        if (fault.name == "firmware_change") dialect = fault.value.empty() ? changed(dialect) : spoken(dialect, fault.value);
    return dialect;
}

void print_series(std::string const& what, PlayedSeries const& played, std::vector<Fault> const& faults) {
    auto const frames = played.sent + played.dropped + played.stolen;
    std::printf("%s: %llu frames, %llu sent, %llu dropped, %.2f s, %.1f Hz\n", what.c_str(), static_cast<unsigned long long>(frames),
                static_cast<unsigned long long>(played.sent), static_cast<unsigned long long>(played.dropped), played.seconds,
                played.seconds > 0 ? static_cast<double>(frames) / played.seconds : 0.0);
    if (!faults.empty())
        std::printf("  with faults, %llu stolen; the client was sent: %s\n", static_cast<unsigned long long>(played.stolen),
                    text_of(played.delivered).c_str());
    std::fflush(stdout);
}

} // namespace sqd::simulated
