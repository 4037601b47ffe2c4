#include "pipeline/reduce/bin_fingerprint.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

namespace sqd {

namespace {

/// FNV-1a on words of 64 bits, with the high bits brought down, as a product alone never does.
class WordHash {
public:
    void add(std::uint64_t word) {
        hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15ULL;
        hash_ ^= hash_ >> 32;
    }
    template <class T>
    void add(std::span<T const> values) {
        add(values.size());
        auto const bytes = std::as_bytes(values);
        for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + i, std::min(sizeof word, bytes.size() - i));
            add(word);
        }
    }
    std::uint64_t value() const { return hash_ == 0 ? 1 : hash_; }

private:
    std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

} // namespace

std::uint64_t fingerprint(BinMap const& bins) {
    WordHash hash;
    hash.add(bins.geometry.rows);
    hash.add(bins.geometry.cols);
    hash.add(static_cast<std::uint64_t>(bins.unit));
    hash.add(std::span<double const>(bins.axis.edges()));
    hash.add(std::span<std::uint16_t const>(bins.bin));
    hash.add(std::span<float const>(bins.norm));
    hash.add(std::span<std::uint64_t const>(bins.masked));
    return hash.value();
}

} // namespace sqd
