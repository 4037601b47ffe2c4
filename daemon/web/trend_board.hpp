// The peak of every result of late, for those who come later.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// Put by the service's thread, listed by the web's. Of a scan's partials and finals the newest `most_points` in all stay: seven minutes
/// of results at 10 Hz, half an hour at 2 Hz. Kept as text, which is smaller than objects.
class TrendBoard {
public:
    static constexpr std::size_t most_points = 4096;

    /// Takes what is a message of a peak, leaves the rest.
    void add(WireMessage const& message) {
        Json const& header = message.header;
        if (header.value("schema", "") != "sqd.fsdp/1.0") return;
        Json point = {{"uid", header["scan"].value("uid", "")},    {"id", header["scan"].value("id", "")},
                      {"state", header.value("state", "")},        {"result", header.value("result", 0)},
                      {"used", header["frames"].value("used", 0)}, {"time", header["time"].value("published", "")}};
        if (header["scan"].contains("parameters")) point["parameters"] = header["scan"]["parameters"];
        for (char const* key : {"q1", "q1_sigma", "fwhm", "fwhm_sigma", "height", "height_sigma", "chi2_reduced"})
            if (header["values"].contains(key)) point[key] = header["values"][key];
        std::string text = to_text(point);
        text.shrink_to_fit();
        std::lock_guard const lock(mutex_);
        points_.push_back(std::move(text));
        if (points_.size() > most_points) points_.pop_front();
    }
    /// Oldest first.
    std::vector<Json> points() const {
        std::deque<std::string> texts;
        {
            std::lock_guard const lock(mutex_);
            texts = points_;
        }
        std::vector<Json> out;
        out.reserve(texts.size());
        for (std::string const& text : texts) out.push_back(Json::parse(text));
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::deque<std::string> points_;
};

} // namespace sqd
