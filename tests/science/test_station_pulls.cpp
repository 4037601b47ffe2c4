// Quoted errors are a promise: at both stations, repeated counting of the virtual glass scatters by them - the counts of the bins drawn a
// thousand times, the pixels thirty times, sample and background each anew, about the noise-free result of the same chain.
#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/simulate/poisson_sampler.hpp"
#include "daemon/simulate/simulation.hpp"
#include "daemon/simulate/station.hpp"
#include "daemon/simulate/virtual_glass.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "tests/support/ribbon.hpp"
#include "tests/support/source_root.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>

using namespace sqd;
using namespace sqd::test;

namespace {

constexpr unsigned seed = 20261126;

struct Exposure {
    double seconds, sample_frames, background_frames;
};

// A shipped station with the virtual glass before it.
struct Scene {
    Config config;
    BinMap bins;
    Exposure exposure;
    Image<double> glass, air; ///< mean counts of all frames

    Scene(std::string const& name, Exposure const& of)
        : config(load_config((source_root() / "config" / (name + ".yaml")).string(), read_mask_image, read_number_image)), exposure(of) {
        bins = build_bin_map(config.geometry, config.mask, config.integration, config.detector.sensor, config.energy_keV, serial_for());
        auto const station = simulated::make_station(config, {simulated::default_flux_per_s, simulated::default_air_path_mm, 1});
        simulated::GlassScattering const scattering(station.sample, station.beam,
                                                    simulated::largest_q_invA(station.geometry, wavelength_A(station.beam.energy_keV)));
        auto images = expected_images(scattering, station.beam.polarization_factor, station.geometry, station.dead, 2);
        glass = std::move(images.sample);
        air = std::move(images.background);
        for (double& mean : glass.pixels) mean *= simulated::default_flux_per_s * of.seconds * of.sample_frames;
        for (double& mean : air.pixels) mean *= simulated::default_flux_per_s * of.seconds * of.background_frames;
        config.reduction.uncertainty = {};
        if (config.reduction.pair_distribution) config.reduction.pair_distribution->r_max_A = 9; // the first shells; errors take time
    }

    // Of counts summed over `frames` frames.
    Pattern1D pattern(std::vector<double> pixels, double frames) const {
        for (double& counts : pixels) counts /= frames;
        return to_pattern(bins, integrate_image(bins, pixels, frames, exposure.seconds, 1));
    }
    Pattern1D glass_pattern(std::vector<double> const& pixels) const { return pattern(pixels, exposure.sample_frames); }
    Pattern1D air_pattern(std::vector<double> const& pixels) const { return pattern(pixels, exposure.background_frames); }
    ReducedCurves reduce(Pattern1D const& sample, Pattern1D const& background) const {
        return reduce_pattern(sample, &background, true, config.reduction);
    }
};

// The counts of the bins drawn anew, with the errors that such counts have.
Pattern1D redrawn(Pattern1D pattern, std::mt19937_64& random) {
    PoissonDraw const poisson{random};
    for (std::size_t b = 0; b < pattern.counts.size(); ++b) {
        if (!(pattern.norm[b] > 0)) continue;
        pattern.counts[b] = poisson(pattern.counts[b]);
        pattern.intensity[b] = pattern.counts[b] / pattern.norm[b];
        pattern.sigma[b] = std::sqrt(std::max(pattern.counts[b], 1.0)) / pattern.norm[b];
    }
    return pattern;
}

// Pulls of everything that a result quotes an error of.
class AllPulls {
public:
    explicit AllPulls(ReducedCurves const& truth) : truth_(truth) {}

    void add(ReducedCurves const& curves) {
        REQUIRE(curves.fsdp);
        put("q1", curves.fsdp->q1, truth_.fsdp->q1, curves.fsdp->q1_sigma);
        put("fwhm", curves.fsdp->fwhm, truth_.fsdp->fwhm, curves.fsdp->fwhm_sigma);
        put("height", curves.fsdp->height, truth_.fsdp->height, curves.fsdp->height_sigma);
        put("alpha", curves.sq->normalization.alpha, truth_.sq->normalization.alpha, curves.sq->normalization.alpha_sigma);
        add_points("S", curves.sq->q_invA, curves.sq->s, truth_.sq->s, curves.sq->s_sigma, 0);
        if (!curves.gr) return;
        add_points("G", curves.gr->r_A, curves.gr->g, truth_.gr->g, curves.gr->g_sigma, 200); // from 2 A on
        for (std::size_t n = 0; n < 3; ++n)
            put("shell " + std::to_string(n + 1), curves.gr->shells.at(n).r_A.value, truth_.gr->shells.at(n).r_A.value,
                curves.gr->shells.at(n).r_A.sigma);
    }
    std::map<std::string, Pulls> const& all() const { return pulls_; }

private:
    void put(std::string const& name, double value, double truth, double sigma) { pulls_[name].add((value - truth) / sigma); }
    void add_points(std::string const& name, std::vector<double> const& at, std::vector<double> const& y, std::vector<double> const& truth,
                    std::vector<double> const& sigma, std::size_t first) {
        constexpr std::size_t points = 20;
        for (std::size_t k = 0; k < points; ++k) {
            std::size_t const i = first + (at.size() - 1 - first) * k / (points - 1);
            put(name + " at " + std::to_string(at[i]), y[i], truth[i], sigma[i]);
        }
    }

    ReducedCurves const& truth_;
    std::map<std::string, Pulls> pulls_;
};

void check(AllPulls const& pulls, double mean_bound, double low, double high) {
    double worst_mean = 0, lowest = 2, highest = 0;
    for (auto const& [name, each] : pulls.all()) {
        CAPTURE(name);
        CHECK(std::abs(each.mean()) < mean_bound);
        CHECK(each.deviation() > low);
        CHECK(each.deviation() < high);
        worst_mean = std::max(worst_mean, std::abs(each.mean()));
        lowest = std::min(lowest, each.deviation());
        highest = std::max(highest, each.deviation());
        if (name.find(" at ") == std::string::npos) MESSAGE(name, ": mean ", each.mean(), ", deviation ", each.deviation());
    }
    MESSAGE("all ", pulls.all().size(), ": mean at most ", worst_mean, ", deviation ", lowest, " to ", highest);
}

} // namespace

TEST_CASE("pulls of all quoted errors have mean 0 and width 1, from the counts of the bins and from those of the pixels") {
    for (auto const& [name, exposure] :
         {std::pair{std::string("id13"), Exposure{0.02, 1468, 400}}, std::pair{std::string("id15a"), Exposure{0.1, 600, 200}}}) {
        MESSAGE(name, ", seed ", seed);
        Scene const scene(name, exposure);
        auto const glass = scene.glass_pattern(scene.glass.pixels), air = scene.air_pattern(scene.air.pixels);
        auto const truth = scene.reduce(glass, air);
        std::mt19937_64 random(seed);

        AllPulls of_bins(truth);
        for (int k = 0; k < 1000; ++k) of_bins.add(scene.reduce(redrawn(glass, random), redrawn(air, random)));
        check(of_bins, 0.15, 0.9, 1.1); // 1000 draws: 0.032 and 0.022 are one deviation of mean and width

        simulated::PoissonSampler const glass_sampler(scene.glass), air_sampler(scene.air);
        auto const drawn = [](simulated::PoissonSampler const& sampler, std::uint64_t key) {
            std::vector<std::uint32_t> counts(sampler.pixels());
            for (std::size_t block = 0; block * simulated::sampler_block < counts.size(); ++block) {
                std::size_t const first = block * simulated::sampler_block;
                sampler.draw(key, block, std::span(counts).subspan(first, std::min(simulated::sampler_block, counts.size() - first)));
            }
            std::vector<double> out;
            for (std::uint32_t const count : counts) out.push_back(count == simulated::masked_pixel ? std::nan("") : count);
            return out;
        };
        AllPulls of_pixels(truth);
        for (std::uint64_t k = 0; k < 30; ++k)
            of_pixels.add(scene.reduce(scene.glass_pattern(drawn(glass_sampler, seed + 2 * k)),
                                       scene.air_pattern(drawn(air_sampler, seed + 2 * k + 1))));
        check(of_pixels, 4 / std::sqrt(30.0), 0.6, 1.4);
    }
}
