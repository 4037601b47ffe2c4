// CBF header lines, checksum and byte-offset pixels; nothing is read outside the bytes given.
#include "detectors/codec/cbf.hpp"

#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/codec/tile_fill.hpp"
#include "pipeline/core/errors.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <limits>

namespace sqd {

namespace {

constexpr std::size_t longest_header = 128 * 1024;
constexpr std::array magic{std::byte{0x0C}, std::byte{0x1A}, std::byte{0x04}, std::byte{0xD5}};

/// What follows `key` up to the end of its line; nullopt where the key is absent.
std::optional<std::string_view> line_after(std::string_view text, std::string_view key) {
    auto const at = text.find(key);
    if (at == text.npos) return std::nullopt;
    auto value = text.substr(at + key.size());
    value = value.substr(0, value.find_first_of("\r\n"));
    auto const begin = value.find_first_not_of(" \t=:");
    return begin == value.npos ? std::string_view{} : value.substr(begin);
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? std::optional(number) : std::nullopt;
}

std::uint64_t required_number(std::string_view text, std::string_view key) {
    auto const line = line_after(text, key);
    auto const number = line ? leading_number(*line) : std::nullopt;
    if (!number) throw DecodeError(DecodeFault::malformed, "CBF without " + std::string(key) + " (its header needs it)");
    return *number;
}

/// A stated property must be the one this decoder is for; an absent one is taken to be.
void require_if_stated(std::string_view text, std::string_view key, std::string_view wanted) {
    auto const line = line_after(text, key);
    if (line && line->find(wanted) == line->npos)
        throw DecodeError(DecodeFault::unsupported,
                          "CBF " + std::string(key) + " " + excerpt(*line) + " (only " + std::string(wanted) + " is read)");
}

std::string md5_base64(std::span<std::byte const> bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr) != 1)
        throw DecodeError(DecodeFault::unsupported, "the CBF's MD5 cannot be computed (OpenSSL refuses MD5, FIPS mode?)");
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> text;
    int const written = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(length));
    return {text.begin(), text.begin() + written};
}

/// Sums up differences, each 1, 2, 4 or 8 bytes, never reading past the end of the packed bytes.
class Differences {
public:
    explicit Differences(std::span<std::byte const> packed) : at_(packed.data()), end_(packed.data() + packed.size()) {}

    /// The next pixel, its end checked at every step.
    std::uint32_t next() {
        auto const byte = checked<std::int8_t>();
        if (byte != escape<std::int8_t>) return value_ += static_cast<std::uint32_t>(byte);
        auto const word = checked<std::int16_t>();
        if (word != escape<std::int16_t>) return value_ += static_cast<std::uint32_t>(word);
        auto const dword = checked<std::int32_t>();
        if (dword != escape<std::int32_t>) return value_ += static_cast<std::uint32_t>(dword);
        return value_ += static_cast<std::uint32_t>(checked<std::int64_t>());
    }

    /// As many pixels as can be taken eight at a time while the packed bytes last for the longest form of each; how many they were.
    std::size_t take_most(std::span<std::uint32_t> pixels) {
        std::size_t done = 0;
        while (pixels.size() - done >= 8 && static_cast<std::size_t>(end_ - at_) >= 8 + longest) {
            auto const plain = plain_bytes(load_little<std::uint64_t>(at_));
            auto* const out = pixels.data() + done;
            if (plain == 8) [[likely]] {
                for (std::size_t i = 0; i < 8; ++i) out[i] = value_ += one(at_ + i);
                at_ += 8;
                done += 8;
                continue;
            }
            for (std::size_t i = 0; i < plain; ++i) out[i] = value_ += one(at_ + i);
            at_ += plain;
            out[plain] = next_long();
            done += plain + 1;
        }
        return done;
    }
    bool used_up() const { return at_ == end_; }

private:
    static constexpr std::size_t longest = 1 + 2 + 4 + 8; ///< bytes of one difference
    template <class T>
    static constexpr T escape = std::numeric_limits<T>::min(); ///< announces the next longer form

    static std::uint32_t one(std::byte const* at) { return static_cast<std::uint32_t>(load_little<std::int8_t>(at)); }

    /// Bytes of a word before the first that is 0x80, 8 if none is.
    static std::size_t plain_bytes(std::uint64_t word) {
        constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
        std::uint64_t const zeros = word ^ tops; // a byte 0x80 is 0 here; the lowest mark below is exact
        return static_cast<std::size_t>(std::countr_zero((zeros - ones) & ~zeros & tops)) / 8;
    }

    /// A pixel whose difference is known to be no single byte, with `longest` bytes left.
    std::uint32_t next_long() {
        auto const word = load_little<std::int16_t>(at_ + 1);
        at_ += 3;
        if (word != escape<std::int16_t>) return value_ += static_cast<std::uint32_t>(word);
        auto const dword = load_little<std::int32_t>(at_);
        at_ += 4;
        if (dword != escape<std::int32_t>) return value_ += static_cast<std::uint32_t>(dword);
        at_ += 8;
        return value_ += static_cast<std::uint32_t>(load_little<std::int64_t>(at_ - 8));
    }

    template <class T>
    T checked() {
        if (end_ - at_ < static_cast<std::ptrdiff_t>(sizeof(T)))
            throw DecodeError(DecodeFault::truncated, "CBF data end before the last pixel");
        T const value = load_little<T>(at_);
        at_ += sizeof(T);
        return value;
    }

    std::byte const* at_;
    std::byte const* end_;
    std::uint32_t value_ = 0; ///< the pixel before, modulo 2^32
};

} // namespace

std::optional<std::uint64_t> stated_count_cutoff(std::string_view header) {
    auto const line = line_after(header, "# Count_cutoff");
    auto const cutoff = line ? leading_number(*line) : std::nullopt;
    return cutoff > 0u ? cutoff : std::nullopt;
}

CbfImage parse_cbf(std::span<std::byte const> file) {
    auto const searched = file.first(std::min(file.size(), longest_header));
    auto const found = std::search(searched.begin(), searched.end(), magic.begin(), magic.end());
    if (found == searched.end())
        throw DecodeError(file.size() < longest_header ? DecodeFault::truncated : DecodeFault::malformed,
                          "no start of CBF data in the first " + std::to_string(searched.size()) + " bytes");
    auto const header_bytes = static_cast<std::size_t>(found - searched.begin());
    std::string_view const header(reinterpret_cast<char const*>(file.data()), header_bytes);

    // A full CBF has free text before its binary section: keys are looked for in the section alone.
    auto const section_at = header.rfind("--CIF-BINARY-FORMAT-SECTION--");
    auto const section = header.substr(section_at == header.npos ? 0 : section_at);
    require_if_stated(section, "conversions=", "x-CBF_BYTE_OFFSET");
    require_if_stated(section, "X-Binary-Element-Type:", "32-bit integer");
    require_if_stated(section, "X-Binary-Element-Byte-Order:", "LITTLE_ENDIAN");

    CbfImage image;
    image.header = header;
    image.cols = required_number(section, "X-Binary-Size-Fastest-Dimension:");
    image.rows = required_number(section, "X-Binary-Size-Second-Dimension:");
    auto const elements = required_number(section, "X-Binary-Number-of-Elements:");
    if (image.rows == 0 || elements % image.rows != 0 || elements / image.rows != image.cols)
        throw DecodeError(DecodeFault::mismatch, "CBF of " + std::to_string(image.rows) + " x " + std::to_string(image.cols) +
                                                     " pixels states " + std::to_string(elements) + " elements");
    auto const size = required_number(section, "X-Binary-Size:");
    auto const rest = file.subspan(header_bytes + magic.size());
    if (size > rest.size())
        throw DecodeError(DecodeFault::truncated, "CBF holds " + std::to_string(rest.size()) + " bytes of " + std::to_string(size));
    image.packed = rest.first(size);
    if (auto const line = line_after(section, "Content-MD5:")) image.md5_base64 = line->substr(0, line->find_last_not_of(" \t") + 1);
    image.count_cutoff = stated_count_cutoff(header);
    return image;
}

void check_md5(CbfImage const& image) {
    if (image.md5_base64.empty()) return;
    if (auto const found = md5_base64(image.packed); found != image.md5_base64)
        throw DecodeError(DecodeFault::corrupt, "CBF pixels have MD5 " + found + " (header says " + excerpt(image.md5_base64) + ")");
}

void decode_byte_offset(std::span<std::byte const> packed, std::span<std::uint32_t> pixels) {
    Differences differences(packed);
    for (auto& pixel : pixels.subspan(differences.take_most(pixels))) pixel = differences.next();
    if (!differences.used_up()) throw DecodeError(DecodeFault::corrupt, "CBF data go on after the last pixel");
}

void CbfTiles::prepare(PixelScratch& scratch) {
    auto const image = parse_cbf(file_.bytes);
    if (image.rows != rows_ || image.cols != cols_)
        throw DecodeError(DecodeFault::mismatch, "CBF of " + std::to_string(image.rows) + " x " + std::to_string(image.cols) +
                                                     " pixels (the message says " + std::to_string(rows_) + " x " + std::to_string(cols_) +
                                                     ")");
    if (image.packed.size() < rows_ * cols_) // before the memory for the pixels is asked for
        throw DecodeError(DecodeFault::truncated, "CBF data of " + std::to_string(image.packed.size()) + " bytes for " +
                                                      std::to_string(rows_ * cols_) + " pixels (each has at least one)");
    check_md5(image);
    format_ = {rows_ * cols_, 4, largest_valid_count({4, true}, image.count_cutoff, rule_)};
    auto const pixels = scratch.of(format_.frame_bytes());
    decode_byte_offset(image.packed, {reinterpret_cast<std::uint32_t*>(pixels.data()), format_.pixels});
    pixels_ = pixels.data();
}

void CbfTiles::read(std::size_t tile, Tile& out) const {
    assert(tile < tile_count(format_.pixels));
    fill_tile(pixels_ + tile * tile_pixels * format_.bytes, pixels_in_tile(tile, format_.pixels), format_, out);
}

} // namespace sqd
