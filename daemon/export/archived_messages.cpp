#include "daemon/export/archived_messages.hpp"

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>

namespace sqd {
namespace {

/// The sums of points as the only bin of each.
std::shared_ptr<PointTable const> with_sums(PointTable table, std::vector<double> const& sums) {
    table.bin_counts = Image<std::uint32_t>(sums.size(), 1);
    table.bin_carries = Image<std::uint32_t>(sums.size(), 1);
    constexpr double unit = 4294967296.0; // 2^32
    for (std::size_t i = 0; i < sums.size(); ++i) {
        double const carries = std::floor(sums[i] / unit);
        table.bin_carries.pixels[i] = static_cast<std::uint32_t>(carries);
        table.bin_counts.pixels[i] = static_cast<std::uint32_t>(sums[i] - carries * unit);
    }
    return std::make_shared<PointTable const>(std::move(table));
}

/// What is read as 0 because nobody reads it would be taken for a 0.
void forget_unread(Json& header) {
    header.erase("thickness");
    if (!header.contains("values")) return;
    for (char const* key :
         {"alpha_kmn", "alpha_kmn_mean", "alpha_high_q", "fluorescence_amplitude", "fluorescence_amplitude_sigma", "transmission_sigma"})
        header["values"].erase(key);
}

} // namespace

std::vector<WireMessage> archived_messages(ArchivedResult const& archived, std::string const& file) {
    ReducedResult result = archived.result;
    if (result.points) result.points = with_sums(*result.points, archived.point_counts);
    Sequence sequence;
    auto out = result_messages(result, {"archive", ""}, sequence, result.time.reduced_ns);
    for (WireMessage& message : out) {
        message.header["archive"] = file;
        forget_unread(message.header);
        if (!archived.findings) message.header.erase("findings");
        if (!archived.advice.empty() && message.topic == "archive/fsdp/") message.header["advice"] = {{"sentence", archived.advice}};
    }
    return out;
}

} // namespace sqd
