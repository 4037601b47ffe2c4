#include "detectors/simulated/cbor_writer.hpp"

#include "detectors/simulated/pixel_bytes.hpp"

#include <bit>
#include <cmath>
#include <optional>

namespace sqd::simulated {

namespace {

/// The half precision bits of a normal number that has them (11 significant bits, exponent -14 to 15), or of zero.
std::optional<std::uint16_t> half_bits(double value) {
    unsigned const sign = std::signbit(value) ? 0x8000 : 0;
    if (value == 0) return static_cast<std::uint16_t>(sign);
    if (!std::isfinite(value)) return std::nullopt;
    int exponent = 0;
    double const scaled = std::frexp(std::fabs(value), &exponent) * 2048; // 1024 to 2048
    if (scaled != std::floor(scaled) || exponent < -13 || exponent > 16) return std::nullopt;
    auto const fraction = static_cast<unsigned>(scaled) - 1024;
    return static_cast<std::uint16_t>(sign | static_cast<unsigned>(exponent + 14) << 10 | fraction);
}

} // namespace

CborWriter& CborWriter::head(unsigned major, std::uint64_t argument) {
    auto const first = [&](unsigned info) { out_.push_back(static_cast<std::byte>(major << 5 | info)); };
    if (argument < 24) {
        first(static_cast<unsigned>(argument));
        return *this;
    }
    int const log = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFFFFFF ? 2 : 3;
    first(24 + static_cast<unsigned>(log));
    append_big_endian(out_, argument, 1 << log);
    return *this;
}

CborWriter& CborWriter::real(double value) {
    auto const append = [&](unsigned first, std::uint64_t bits, int bytes) {
        out_.push_back(static_cast<std::byte>(first));
        append_big_endian(out_, bits, bytes);
    };
    auto const single = static_cast<float>(value);
    if (auto const half = half_bits(value))
        append(0xF9, *half, 2);
    else if (static_cast<double>(single) == value)
        append(0xFA, std::bit_cast<std::uint32_t>(single), 4);
    else
        append(0xFB, std::bit_cast<std::uint64_t>(value), 8);
    return *this;
}

CborWriter& CborWriter::boolean(bool value) {
    out_.push_back(static_cast<std::byte>(value ? 0xF5 : 0xF4));
    return *this;
}

CborWriter& CborWriter::null() {
    out_.push_back(std::byte{0xF6});
    return *this;
}

CborWriter& CborWriter::text(std::string_view value) {
    head(3, value.size());
    return items(std::as_bytes(std::span(value)));
}

CborWriter& CborWriter::bytes(std::span<std::byte const> value) {
    head(2, value.size());
    return items(value);
}

CborWriter& CborWriter::items(std::span<std::byte const> written) {
    out_.insert(out_.end(), written.begin(), written.end());
    return *this;
}

} // namespace sqd::simulated
