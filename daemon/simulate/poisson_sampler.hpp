// Draws Poisson counts for millions of pixels in milliseconds: a table per class of mean, exact where the table cannot decide.
#pragma once

#include "pipeline/core/image.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sqd::simulated {

inline constexpr std::uint32_t masked_pixel = 0xffffffffU;
inline constexpr std::size_t sampler_block = 2048; ///< pixels that share one stream of random numbers

/// Independent Poisson counts around an image of means. Pixels whose mean is NaN are masked_pixel in every frame.
///
/// Means are sorted into 512 classes, evenly spaced in their square root. Each draw picks one of the two classes beside the pixel's
/// mean at random, with the weights that make the expectation the pixel's mean (to 1/256 of a class); the mixture adds
/// at most (sqrt(max) - sqrt(min))^2 / 512^2 to the relative variance (5e-6 for means of 0.3 to 5). The count is the inverse of the
/// class's distribution function at a 64-bit random number: its upper 10 bits name a cell of a table that holds the count, or says
/// that a step lies inside the cell; then the function itself is searched.
class PoissonSampler {
public:
    /// Throws DataError for a negative mean or one above 1e6.
    explicit PoissonSampler(Image<double> const& mean);

    /// Pixels `block * sampler_block` onwards of a frame; `key` is the frame's. out.size() is sampler_block or what is left.
    void draw(std::uint64_t key, std::size_t block, std::span<std::uint32_t> out) const;
    std::size_t pixels() const { return position_.size(); }

private:
    static constexpr unsigned class_bits = 9, fraction_bits = 7, cell_bits = 10;
    static constexpr std::uint8_t undecided =
        128; ///< bit of a cell; the others then hold the count at the cell's beginning, from 127 on a lower bound

    /// Distribution function of one class, 2^64 = 1: cumulative[i] = P(count <= first + i).
    struct Distribution {
        std::uint32_t first = 0;
        std::vector<std::uint64_t> cumulative;
        std::uint32_t inverse(std::uint64_t u) const;
        /// The same when the count is known to be `least` or more: searched upwards from there.
        std::uint32_t inverse_from(std::uint32_t least, std::uint64_t u) const;
    };
    static Distribution distribution(double mean);
    void fill_cells(std::size_t class_index);

    std::vector<std::uint16_t> position_; ///< per pixel: class and fraction towards the next
    std::vector<unsigned char> masked_;
    std::vector<Distribution> classes_; ///< one more than 2^class_bits
    std::vector<std::uint8_t> cells_;   ///< [class, cell]: the count, or undecided and where to search from
};

} // namespace sqd::simulated
