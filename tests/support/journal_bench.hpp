// Finals for a journal, and what tests look at in one.
#pragma once

#include "daemon/journal/scan_records.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sqd::test {

inline std::vector<std::byte> bytes_of_text(std::string const& text) {
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// A final of two messages whose bytes depend on its key; the file is `image_bytes` long.
inline FinalRecord some_final(std::string const& uid, std::uint64_t result = 1, std::size_t image_bytes = 100) {
    FinalRecord final;
    final.meta = {{uid, result}, "glass_" + uid, "sample", "final", "glass_" + uid + ".nxs"};
    auto image = std::make_shared<std::vector<std::byte>>(image_bytes);
    for (std::size_t i = 0; i < image_bytes; ++i) (*image)[i] = static_cast<std::byte>(i * 7 + uid.size() + result);
    final.image = image;
    auto messages = std::make_shared<std::vector<WireMessage>>();
    messages->push_back({"id13/pattern/", {{"scan", {{"uid", uid}}}, {"seq", 3}, {"durable", true}}, {std::string("\0\1\2", 3), "abc"}});
    messages->push_back({"id13/sq/", {{"result", result}}, {}});
    final.messages = messages;
    return final;
}

inline bool same(std::vector<WireMessage> const& a, std::vector<WireMessage> const& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].topic != b[i].topic || to_text(a[i].header) != to_text(b[i].header) || a[i].arrays != b[i].arrays) return false;
    }
    return true;
}

} // namespace sqd::test
