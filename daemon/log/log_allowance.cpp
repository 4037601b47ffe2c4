#include "daemon/log/log_allowance.hpp"

#include <algorithm>

namespace sqd {
namespace {

void refill(LineBucket& bucket, double burst, double per_s, double now_s) {
    bucket.lines = std::min(burst, bucket.lines + std::max(0.0, now_s - bucket.since) * per_s);
    bucket.since = now_s;
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
    auto const [found, fresh] = kinds_.try_emplace(kind_of(line), LineBucket{rates_.burst, now_s, 0});
    LineBucket& bucket = found->second;
    refill(bucket, rates_.burst, rates_.per_s, now_s);
    refill(all_, rates_.all_burst, rates_.all_per_s, now_s);
    if (bucket.lines < 1 || all_.lines < 1) {
        ++bucket.left_out;
        return false;
    }
    --bucket.lines;
    --all_.lines;
    return true;
}

std::vector<LeftOut> LogAllowance::take_left_out(double now_s) {
    std::vector<LeftOut> out;
    for (auto& [kind, bucket] : kinds_) {
        if (bucket.left_out == 0) continue;
        refill(bucket, rates_.burst, rates_.per_s, now_s);
        refill(all_, rates_.all_burst, rates_.all_per_s, now_s);
        if (bucket.lines < 1 || all_.lines < 1) continue;
        --bucket.lines;
        --all_.lines;
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
