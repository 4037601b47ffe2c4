// How a message is put together.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd {

inline constexpr char const* inv_A = "1/angstrom";

static_assert(std::endian::native == std::endian::little, "arrays go out as they lie in memory");

/// A header under construction with the arrays that belong to it.
class MessageBuilder {
public:
    /// Of a message that is asked for: it has no number.
    MessageBuilder(std::string_view kind, Speaker const& speaker) {
        message_.topic = topic_of(speaker, kind);
        message_.header["schema"] = "sqd." + std::string(kind) + "/1.0";
        message_.header["instance"] = speaker.instance;
        message_.header["epoch"] = speaker.epoch;
    }
    MessageBuilder(std::string_view kind, Speaker const& speaker, Sequence& sequence) : MessageBuilder(kind, speaker) {
        message_.header["seq"] = sequence.next(message_.topic);
    }

    Json& header() { return message_.header; }

    MessageBuilder& value(char const* key, double x, char const* unit = "") {
        if (std::isfinite(x)) {
            values_[key] = x;
            if (*unit != '\0') units_[key] = unit;
        }
        return *this;
    }
    MessageBuilder& text(char const* key, std::string const& x) {
        if (!x.empty()) values_[key] = x;
        return *this;
    }
    MessageBuilder& array(char const* name, char const* unit, std::span<double const> data) { return add(name, unit, data, {data.size()}); }
    MessageBuilder& array(char const* name, char const* unit, Image<double> const& image) {
        return add(name, unit, image.pixels, {image.rows, image.cols});
    }
    WireMessage finish(std::vector<std::string> const& flags) {
        message_.header["values"] = std::move(values_);
        message_.header["units"] = std::move(units_);
        message_.header["flags"] = flags;
        message_.header["arrays"] = std::move(arrays_);
        return std::move(message_);
    }

private:
    MessageBuilder& add(char const* name, char const* unit, std::span<double const> data, std::vector<std::size_t> const& shape) {
        if (data.empty()) return *this;
        arrays_.push_back({{"name", name}, {"unit", unit}, {"dtype", "<f8"}, {"shape", shape}});
        std::string bytes(data.size_bytes(), '\0');
        std::memcpy(bytes.data(), data.data(), data.size_bytes());
        message_.arrays.push_back(std::move(bytes));
        return *this;
    }

    WireMessage message_;
    Json arrays_ = Json::array(), values_ = Json::object(), units_ = Json::object();
};

} // namespace sqd
