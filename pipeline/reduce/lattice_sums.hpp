// Sums of waves on equal steps of r, by a fast Fourier transform of points that need not be even.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace sqd {

/// sum_i f_i cos(q_i r) and sum_i f_i sin(q_i r) at r = 0, step, ..., (count - 1) step.
struct WaveSums {
    std::vector<double> cosine, sine;
};

/// Greengard & Lee, SIAM Review 46 (2004) 443 (type 1): points become Gaussians on an even grid, twice as fine as the waves need, the
/// grid is transformed, and what the Gaussians did to each wave is undone. Good to 1e-13 of sum |f_i|. Any order and spacing of points;
/// q step stays below pi.
class LatticeSums {
public:
    /// What transforms of one length share, whatever they transform: a caller that makes several keeps it.
    class Roots {
    public:
        Roots();
        ~Roots();
        Roots(Roots&&) noexcept;

    private:
        friend class LatticeSums;
        struct Fourier;
        std::unique_ptr<Fourier> fourier_;
    };

    LatticeSums(std::span<double const> q_invA, double step_A, std::size_t count);
    ~LatticeSums();
    LatticeSums(LatticeSums&&) noexcept;

    /// Of several functions at a time, which is cheaper than one by one. Each is as long as q.
    std::vector<WaveSums> operator()(std::vector<std::vector<double>> const& functions, Roots& roots) const;

private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

} // namespace sqd
