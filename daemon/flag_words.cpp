#include "daemon/flag_words.hpp"

#include <array>
#include <string_view>

namespace sqd {

namespace {

std::span<FlagRow const> table() {
    static constexpr std::array<FlagRow, 57> rows{{
        // rows of pipeline/README.md
        {"`start_missed`", "the series was joined in the middle"},
        {"`appendix_not_understood`", "the header's appendix is no announcement and was left out"},
        {"`grid_does_not_fit`", "the grid has another number of points than the scan: it is not a map"},
        {"`refused`", "the series is not reduced (other detector, other shape); the alarm says why"},
        {"`ended_by_<reason>`", "how, unless by its end or its count: `next_start`, `silence`, `command`, `abort`, `reset`, `shutdown`, "
                                "`end_of_input` (of files), `interruption` (it did not go on after a restart)"},
        {"`interrupted`", "the program was killed in its middle and started again: what it saved of the scan is in it, frames that came "
                          "between are missing"},
        {"`interrupted_on_other_bins`", "as before, and geometry, mask or bins have changed since, or what was saved is not whole: those "
                                        "frames are lost, each rejected as `other_bins`"},
        {"`clock_set`", "somebody set the machine's clock by more than a second while the scan ran: times and `latency_ms` of before and "
                        "after do not fit each other, counts and frames are not touched by it"},
        {"`series_in_scan:<number>`", "control began the scan, and so many series are in it"},
        {"`extras_left_out`", "frames waited for their sums: peaks of points, systematic terms and replicas were left out (of a running "
                              "map: peaks of new points wait)"},
        {"`frames_missing`", "fewer frames than expected"},
        {"`frames_per_point:<number>`", "more frames than points are kept: up to so many neighbours are one point, of which selection, "
                                        "maps and the scatter between points are made; a spike of one frame is seen if it is so many times "
                                        "as high, and goes with its neighbours; sums are those of the frames"},
        {"`pixel_mask_unknown`", "the detector neither applies its pixel mask nor sends it"},
        {"`float_images`", "images of floating-point numbers (files only), summed in double in their order"},
        {"`no_frames`", "nothing to reduce"},
        {"`saturated_in_many_points`, `spike_in_many_points`",
         "more than a tenth of the points: it is the sample, and none is rejected for it"},
        {"`hot_pixels_too_many`",
         "more than 30 and a thousandth of the pixels: the sample is uneven (grains, texture), and none is left out"},
        {"`lines_not_watched:bins`", "bins wider than 0.02 1/A: lines of crystals cannot stand out"},
        {"`calibrant_unknown`", "role `calibrant`, and nobody said which"},
        {"`flat_applied_by_detector`, `dead_time_applied_by_detector`", "the header says so: not corrected again"},
        {"`no_dark`", "one is configured and there is none: dark counts are in the result; an alarm"},
        {"`dark_on_other_bins`, `dark_of_other_exposure`", "the dark has other bins (with splitting: or pixels), or one of the two a known "
                                                           "exposure and the other none: it is not subtracted"},
        {"`background_without_dark`", "the background was measured before there was a dark: its dark counts are still in it"},
        {"`dead_time_withheld`", "not corrected: the exposure is not known, images are floating-point, or with splitting the frames differ "
                                 "too much for their sum to be corrected (more than 1e-4)"},
        {"`dead_time_saturated`", "a bin's pixels were blind for half of the time and longer: corrected as for half, too little; an alarm"},
        {"`exposure_from_images`, `exposure_unknown`", "the header did not say the exposure: taken from the frames' own times, or 1 s"},
        {"`background_of_other_exposure`", "one of the two scans has a known exposure and the other none: it is not subtracted"},
        {"`points_not_selected`", "splitting or outliers work on the sum of all images: points off a sample are in it"},
        {"`pixels_withheld:no_monitor`", "a frame without monitor cannot be taken out of that sum: no splitting, no outliers, no cake"},
        {"`cake_without_dead_time`", "as `dead_time_withheld`, of the cake alone"},
        {"`cake_of_all_points`", "the pattern is without the points that the selection rejected, the cake has them"},
        {"`background_without_pixels`", "the background has no such sum and is not subtracted"},
        {"`background_on_other_bins`", "the background was measured with other bins and is not subtracted"},
        {"`not_reduced: <why>`", "the counts cannot be reduced"},
        {"`no_background`", "one is configured and there is none: no S(q)"},
        {"`bins_correlated`", "pixels are split: neighbouring bins share counts. `*_sigma` of alpha, of the peak and of G(r) know it, "
                              "`chi2_reduced` does not, and who fits the curves elsewhere should (`I_correlation`)"},
        {"`transmission_unknown`", "neither measured nor computable"},
        {"`thickness_blind`", "of samples: mu t is near 1, where the intensity does not tell the thickness, and the transmission is "
                              "computed from it: measure the transmission"},
        {"`negative_intensity:<bins>`", "bins below zero by more than three sigmas: too much was subtracted"},
        {"`q_gap:<low>-<high>`", "no values there; integrals over q bridge it by a straight line"},
        {"`q_max_beyond_data:<last>`, `q_min_before_data:<first>`", "the range that is asked for goes on where the data do not"},
        {"`no_composition`, `no_density`, `normalization_failed`, `empty_range:structure_factor`", "why there is no S(q)"},
        {"`composition_normalized:<sum>`", "the amounts of the composition look like per cent or fractions and sum to something else"},
        {"`multiple_scattering:<percent>`", "1 % of the photons or more scatter twice, and it is left in"},
        {"`kmn_uncertain:<percent>`", "alpha by the sum rule moves by more than 0.3 % (half range) while q_max moves over the last period; "
                                      "`alpha_kmn_mean` is steadier"},
        {"`refine_refused:<why>`",
         "density and background stay as configured: `at_bound`, `no_convergence`, `density_uncertain`, `no_background`"},
        {"`threshold_unknown`", "fluorescence above half the beam's energy, and no threshold that says whether it is counted"},
        {"`fsdp_failed:<why>`", "`no_structure_factor`, `too_few_points`, `no_peak_in_window`, `no_convergence`, `not_significant`"},
        {"`gr_withheld:<why>`, `empty_range:pair_distribution`",
         "why there is no G(r): `no_structure_factor`, `laue_none`, `ashcroft_langreth`"},
        {"`ad_hoc_failed: <why>`", "why there is no ad hoc G(r)"},
        {"of the peak: `<parameter>_at_bound`, `sigma_unknown`", "the fit stands at a limit; its errors could not be had"},
        {"`sigma_assumed_poisson`", "the file has no errors: those of counts were assumed"},
        {"`rows_skipped:<rows>`", "rows that are no data"},
        {"`frames_assumed_1`", "nobody said how many frames the image is the mean of: --frames"},
        {"`background_interpolated`", "the background has other bins: taken between them"},
        {"`cut_to_background:<bins>`", "the sample's bins beyond the background's range were left out"},
        {"`sample_unit_assumed`, `background_unit_assumed`",
         "nobody said in which unit its axis is, while the other one's is stated: --unit"},
    }};
    return rows;
}

// `name`, `begins:<...>`, `ends_with<...>` or `<...>ends`: what is in angles stands for anything.
bool fits(std::string_view pattern, std::string_view flag) {
    auto const open = pattern.find('<');
    if (open == std::string_view::npos) return flag == pattern;
    auto const head = pattern.substr(0, open), tail = pattern.substr(pattern.rfind('>') + 1);
    return flag.size() >= head.size() + tail.size() && flag.starts_with(head) && flag.ends_with(tail);
}

bool names(std::string_view cell, std::string_view flag) {
    for (auto open = cell.find('`'); open != std::string_view::npos;) {
        auto const close = cell.find('`', open + 1);
        if (close == std::string_view::npos) return false;
        if (fits(cell.substr(open + 1, close - open - 1), flag)) return true;
        open = cell.find('`', close + 1);
    }
    return false;
}

} // namespace

std::span<FlagRow const> flag_rows() {
    return table();
}

std::string words_of_flag(std::string const& flag) {
    for (FlagRow const& row : table())
        if (names(row.flags, flag)) return row.means;
    return "";
}

std::vector<std::string> flags_in_words(std::vector<std::string> const& flags) {
    std::vector<std::string> out;
    for (std::string const& flag : flags) {
        auto const words = words_of_flag(flag);
        out.push_back(words.empty() ? flag : flag + ": " + words);
    }
    return out;
}

} // namespace sqd
