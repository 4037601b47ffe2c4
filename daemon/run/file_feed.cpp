#include "daemon/run/file_feed.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>
#include <utility>
#include <variant>

namespace sqd {
namespace {

using PlainJson = nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

/// The appendix with what the command line says put over it; a name for a series that nobody named.
std::string with_scan(std::string const& appendix, FileScan const& scan, std::string const& default_name) {
    PlainJson said = PlainJson::parse(appendix, nullptr, false);
    if (!said.is_object()) said = PlainJson::object();
    if (!said.contains("name")) said["name"] = default_name;
    if (scan.name) said["name"] = *scan.name;
    if (scan.role) said["role"] = name(*scan.role);
    if (scan.calibrant) said["calibrant"] = *scan.calibrant;
    if (scan.grid) {
        said["grid"] = {scan.grid->rows, scan.grid->cols};
        said.erase("points"); // those of the grid
    }
    return said.dump(-1, ' ', false, PlainJson::error_handler_t::replace);
}

/// Holds back images to their rate.
class Pace {
public:
    explicit Pace(double rate_hz) : rate_hz_(rate_hz) {}
    void wait(std::uint64_t images) const {
        if (rate_hz_ <= 0) return;
        std::this_thread::sleep_until(begin_ + std::chrono::duration_cast<SteadyClock::duration>(
                                                   std::chrono::duration<double>(static_cast<double>(images) / rate_hz_)));
    }

private:
    double rate_hz_;
    SteadyClock::time_point begin_ = SteadyClock::now();
};

/// One series of files on its way.
class Feeder {
public:
    Feeder(FileScan const& scan, std::string const& name, EventGate gate, std::stop_token const& stop)
        : scan_(scan), name_(name), gate_(gate), stop_(stop) {}

    /// False when stopped.
    bool operator()(FileEvent event) {
        return std::visit([&](auto&& said) { return on(std::forward<decltype(said)>(said), event.item); }, std::move(event.says));
    }
    bool end() { return gate_.wait_and_take(EndOfInput{}, stop_); }
    FedFiles const& fed() const { return fed_; }

private:
    bool on(SeriesStart start, std::string const&) {
        start.appendix = with_scan(start.appendix, scan_, name_);
        started_ = true;
        return gate_.wait_and_take(std::move(start), stop_);
    }
    bool on(Frame frame, std::string const&) {
        if (!begin(frame.series, frame.rows, frame.cols)) return false;
        ++fed_.images;
        return gate_.wait_and_take(std::move(frame), stop_);
    }
    bool on(FloatImage image, std::string const&) {
        if (!begin(image.series, image.pixels.rows, image.pixels.cols)) return false;
        ++fed_.images;
        return gate_.wait_and_take(FloatFrame{image.series, image.number, std::move(image.pixels), image.exposure_s, 0}, stop_);
    }
    bool on(SeriesEnd const& end, std::string const&) { return gate_.wait_and_take(end, stop_); }
    bool on(UnreadItem const& unread, std::string const& item) {
        ++fed_.unread;
        gate_.refuse(unread.fault, item + ": " + unread.what);
        return true;
    }
    /// A recording whose start was missed takes what the command line says all the same.
    bool begin(SeriesKey const& series, std::size_t rows, std::size_t cols) {
        if (std::exchange(started_, true) || !(scan_.role || scan_.name || scan_.calibrant || scan_.grid)) return true;
        SeriesStart start;
        start.series = series;
        start.rows = rows;
        start.cols = cols;
        start.first_image.reset();
        return on(std::move(start), {});
    }

    FileScan const& scan_;
    std::string const& name_;
    EventGate gate_;
    std::stop_token const& stop_;
    bool started_ = false;
    FedFiles fed_;
};

} // namespace

FedFiles feed_files(FileSeries const& files, FileScan const& scan, EventGate gate, double rate_hz, std::stop_token const& stop,
                    std::function<void(std::uint64_t)> const& progress) {
    Feeder feed(scan, files.name, gate, stop);
    Pace const pace(rate_hz);
    bool going = true;
    while (going) {
        auto event = files.next();
        if (!event) break;
        pace.wait(feed.fed().images);
        going = feed(*std::move(event));
        progress(feed.fed().images);
    }
    going = going && feed.end();
    FedFiles fed = feed.fed();
    fed.stopped = !going;
    return fed;
}

} // namespace sqd
