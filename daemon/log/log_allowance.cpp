#include "daemon/log/log_allowance.hpp"

#include <algorithm>

namespace sqd {
namespace {

/// One line of each, where both have one.
bool take_line(TokenBucket& of_kind, TokenBucket& of_all, double now_s) {
    if (of_kind.left(now_s) < 1 || of_all.left(now_s) < 1) return false;
    of_kind.take(1);
    of_all.take(1);
    return true;
}

} // namespace

std::string LogAllowance::kind_of(std::string_view line) {
    constexpr std::size_t longest = 80;
    std::string out;
    for (std::size_t i = 0; i < line.size() && out.size() < longest; ++i) {
        char const c = line[i];
        if (c >= '0' && c <= '9') {
            if (out.empty() || out.back() != '#') out += '#';
        } else if (c == '\'') {
            out += "'...'";
            i = std::min(line.find('\'', i + 1), line.size());
        } else {
            out += c;
        }
    }
    if (out.size() > longest) out.resize(longest);
    return out;
}

bool LogAllowance::take(std::string_view line, double now_s) {
    if (kinds_.size() >= rates_.kinds) {
        for (auto const& [kind, bucket] : kinds_) forgotten_ += bucket.left_out;
        kinds_.clear();
    }
    auto const [found, fresh] = kinds_.try_emplace(kind_of(line), LineBucket{TokenBucket(rates_.burst, rates_.per_s, now_s), 0});
    if (take_line(found->second.lines, all_, now_s)) return true;
    ++found->second.left_out;
    return false;
}

std::vector<LeftOut> LogAllowance::take_left_out(double now_s) {
    std::vector<LeftOut> out;
    for (auto& [kind, bucket] : kinds_) {
        if (bucket.left_out == 0 || !take_line(bucket.lines, all_, now_s)) continue;
        out.push_back({kind, bucket.left_out});
        bucket.left_out = 0;
    }
    return out;
}

std::vector<LeftOut> LogAllowance::take_rest() {
    std::vector<LeftOut> out;
    for (auto& [kind, bucket] : kinds_) {
        if (bucket.left_out > 0) out.push_back({kind, bucket.left_out});
        bucket.left_out = 0;
    }
    if (forgotten_ > 0) out.push_back({"other lines", forgotten_});
    forgotten_ = 0;
    return out;
}

} // namespace sqd
