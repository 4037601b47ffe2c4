#include "detectors/codec/fit2d_mask.hpp"

#include "detectors/codec/byte_order.hpp"
#include "pipeline/core/errors.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sqd {

Mask parse_fit2d_mask(std::span<std::byte const> file, std::size_t most_pixels) {
    constexpr std::string_view letters = "MASK";
    constexpr std::size_t word = 4;
    for (std::size_t i = 0; i < letters.size(); ++i)
        if (file.size() <= i * word || static_cast<char>(file[i * word]) != letters[i])
            throw DecodeError(DecodeFault::malformed, "not a FIT2D mask (its first words do not begin with M, A, S and K)");
    if (file.size() < fit2d_mask_header)
        throw DecodeError(DecodeFault::truncated, std::to_string(file.size()) + " bytes (the header of a FIT2D mask has 1024)");
    std::size_t const cols = load_little<std::uint32_t>(file.data() + 4 * word), rows = load_little<std::uint32_t>(file.data() + 5 * word);
    auto const shape = std::to_string(rows) + " x " + std::to_string(cols);
    if (rows == 0 || cols == 0) throw DecodeError(DecodeFault::malformed, "FIT2D mask of " + shape + " pixels (that is no image)");
    if (rows > most_pixels / cols)
        throw DecodeError(DecodeFault::oversized,
                          "FIT2D mask of " + shape + " pixels (at most " + std::to_string(most_pixels) + " are read)");
    constexpr std::size_t byte_bits = 8, word_bits = 32;
    std::size_t const row_bytes = (cols + word_bits - 1) / word_bits * word;
    if ((file.size() - fit2d_mask_header) / row_bytes < rows)
        throw DecodeError(DecodeFault::truncated,
                          "FIT2D mask of " + shape + " pixels ends early (its file has " + std::to_string(file.size()) + " bytes)");
    Mask mask(rows, cols);
    for (std::size_t row = 0; row < rows; ++row) {
        auto const* const bits = file.data() + fit2d_mask_header + row * row_bytes;
        for (std::size_t col = 0; col < cols; ++col)
            mask(row, col) = (std::to_integer<unsigned>(bits[col / byte_bits]) >> (col % byte_bits)) & 1u;
    }
    return mask;
}

} // namespace sqd
