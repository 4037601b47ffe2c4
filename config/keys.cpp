// Every key of a configuration file.
#include "config/keys.hpp"

#include <algorithm>

namespace sqd {

namespace {

std::vector<KeyDoc> make_table() {
    return {
        {"instance", "name", "sqd", "name of this service in every topic; letters, digits, _ and -"},
        {"source.kind", "name", "required",
         "dectris_stream1, dectris_stream2, pilatus_stream, array_stream or cbf_folder: detectors/README.md"},
        {"source.connect", "endpoint or none", "none", "where the detector offers its stream; exactly one of connect and bind"},
        {"source.bind", "endpoint or none", "none", "where this service waits for the detector"},
        {"source.insecure", "true or false", "false", "bind may be reached from other machines"},
        {"source.socket", "pull or sub", "(what the protocol uses)", "ZeroMQ socket"},
        {"source.channel", "name or none", "none", "threshold_1, ...: which one of a detector with several thresholds; none: it has one"},
        {"source.directory", "folder or none", "none", "cbf_folder: where the camera's files appear, in place of connect and bind"},
        {"source.delete_after_use", "true or false", "false", "cbf_folder: a file that was read whole is deleted"},
        {"source.torn_retry_s", "number", "5", "cbf_folder: how long a file may stay incomplete before it counts as truncated"},
        {"source.queue_MB", "integer", "2048", "memory for frames that wait"},
        {"source.max_image_MB", "integer", "256", "a larger decompressed image is refused"},
        {"source.end_silence_s", "number", "10", "a series that is silent for so long has ended"},
        {"source.tap", "section or none", "none", "passes every received message on unchanged, for a file writer or viewer"},
        {"source.tap.connect", "endpoint or none", "none", "where the receiver waits; exactly one of connect and bind"},
        {"source.tap.bind", "endpoint or none", "none", "where receivers connect"},
        {"source.tap.insecure", "true or false", "false", "bind may be reached from other machines"},
        {"source.tap.socket", "push or pub", "push",
         "push: one receiver gets each message; pub: all do, and what one cannot take none gets"},
        {"source.tap.queue_messages", "integer", "256", "that wait for a slow receiver; what is beyond is dropped and counted"},
        {"detector.name", "name", "(the .poni's)", "pyFAI's name of the detector, or what it calls itself: shape, pixel size, gaps"},
        {"detector.sensor", "section or none", "(the .poni's, else the detector's)", "none: efficiency is not known"},
        {"detector.sensor.material", "name", "(the .poni's, else the detector's)", "Si, CdTe or GaAs"},
        {"detector.sensor.thickness_um", "number", "(the .poni's, else the detector's)", "sensor thickness"},
        {"detector.threshold_keV", "number or auto", "auto", "energy threshold; auto: only the stream says it; the stream's value wins"},
        {"geometry.poni", "file or none", "none",
         "pyFAI's .poni (versions 1, 2, 2.1) or pyFAI-integrate's .json; exactly one of poni and fit2d"},
        {"geometry.fit2d", "section or none", "none",
         "FIT2D's parameters, in place of a file; then detector.name and beam.energy_keV are required"},
        {"geometry.fit2d.distance_mm", "number", "required", "directDist: along the beam to the detector's plane"},
        {"geometry.fit2d.center_x_px", "number", "required", "centerX: column where the beam meets it, 0.5 is the centre of the first one"},
        {"geometry.fit2d.center_y_px", "number", "required", "centerY: row, counted from the first of the image"},
        {"geometry.fit2d.tilt_deg", "number", "0", "tilt: angle between the beam and the detector's normal"},
        {"geometry.fit2d.tilt_plan_rotation_deg", "number", "0", "tiltPlanRotation: 0 tilts about the vertical, 90 about the horizontal"},
        {"beam.energy_keV", "number", "(the .poni's wavelength)", "photon energy"},
        {"beam.energy_sigma_eV", "number", "0", "its uncertainty: part of q1_sigma_geometry"},
        {"beam.polarization_factor", "number or none", "0.97", "pyFAI's: 1 horizontal, 0 unpolarised, -1 vertical; none: no correction"},
        {"beam.polarization_offset_deg", "number", "0", "pyFAI's axis_offset in degrees: the polarisation's axis is at chi = -offset"},
        {"mask.files", "list of files", "[]", ".npy .edf .tif .cbf .h5 .msk .mask, non-zero = masked; all are combined"},
        {"mask.stream", "true or false", "true", "also masks what the detector's own pixel mask says"},
        {"integration.npt", "integer or none", "1000", "number of bins, at most 65534; with edges: none"},
        {"integration.unit", "name", "q_A^-1", "q_A^-1, q_nm^-1, 2th_deg, 2th_rad or r_mm"},
        {"integration.radial_range", "[low, high] or auto", "auto", "in `unit`; auto: all that the unmasked pixels see"},
        {"integration.edges", "list or none", "none", "of the bins, increasing, in `unit`: in place of npt and radial_range"},
        {"integration.spacing", "even or log", "even", "log: bins in even ratios over radial_range, which begins above 0 then"},
        {"integration.split", "name", "none",
         "of pixels among bins: none, bbox or full, as pyFAI; other than none: finals are made of the sum of images"},
        {"integration.average", "name", "weighted",
         "weighted: sum of counts over sum of norm; unweighted: mean of counts over norm, as azint"},
        {"integration.error_model", "name", "poisson",
         "poisson; azimuthal: the scatter along the ring; hybrid: that for outliers, poisson for the result"},
        {"integration.solid_angle", "true or false", "true", "divides by a power of the cosine of the incidence angle"},
        {"integration.solid_angle_order", "number", "3", "that power: 3 for a flat detector"},
        {"integration.sensor_efficiency", "true or false", "(true with a sensor and without compat)",
         "divides by the sensor's efficiency at oblique incidence, relative to normal"},
        {"integration.azimuth_range", "[low, high] or none", "none",
         "sector in degrees of chi, counted up from low to high, across 180 as well"},
        {"integration.outliers.method", "name", "none", "along the ring, on the sum of images: none, sigma_clip or quantile"},
        {"integration.outliers.threshold", "number", "5", "sigma_clip: standard deviations, at least Chauvenet's; 0: Chauvenet's"},
        {"integration.outliers.max_iter", "integer", "5", "sigma_clip: rounds"},
        {"integration.outliers.quantiles", "[low, high]", "[0.5, 0.5]", "quantile: pixels between are averaged; [0.5, 0.5]: the median"},
        {"integration.compat", "none or pyfai", "none",
         "pyfai: the numbers of pyFAI 0.21.3, to rounding; finals are made of the sum of images"},
        {"integration.cake", "section or none", "none", "the pattern resolved in azimuth, of the sum of all images, with finals"},
        {"integration.cake.npt_azim", "integer", "360", "number of azimuthal bins; the radial ones are the pattern's"},
        {"integration.cake.azimuth_range", "[low, high] or auto", "[-180, 180]",
         "degrees of chi, counted up from low to high, across 180 as well; auto: what the unmasked pixels see"},
        {"watch.hot_pixels", "true or false", "(true without compat)",
         "pixels that count too much for their ring are left out of finals, and listed"},
        {"watch.bragg_lines", "true or false", "true", "lines and spots of crystals are listed, alarmed and left out of the peak's fit"},
        {"watch.odd_points", "true or false", "true", "points with a spike or many saturated pixels are rejected"},
        {"corrections", "section or none", "none", "of pixels and counts; each key below is off unless it is written"},
        {"corrections.air", "section or none", "none",
         "divides by the transmission of the air before the detector, relative to normal incidence"},
        {"corrections.air.length_mm", "number or auto", "auto", "thickness of the air along the detector's normal; auto: all the way"},
        {"corrections.air.pressure_hPa", "number", "1013.25", "its pressure"},
        {"corrections.air.temperature_C", "number", "20", "its temperature"},
        {"corrections.absorber", "section or none", "none", "the same for a flat window behind the sample"},
        {"corrections.absorber.material", "formula", "required", "Be, C22H10N2O5 (Kapton), Al"},
        {"corrections.absorber.density_g_cm3", "number", "required", "its density"},
        {"corrections.absorber.thickness_um", "number", "required", "its thickness"},
        {"corrections.absorber.facing", "detector or beam", "detector", "parallel to the detector, or perpendicular to the beam"},
        {"corrections.flat", "file or none", "none",
         "response of the pixels relative to 1, .npy .edf .tif .cbf .h5; left out where the detector says that it has applied its own"},
        {"corrections.dark", "name", "none", "none, latest or the id of a scan of role dark: its counts per second are subtracted"},
        {"corrections.dead_time_ns", "number or none", "none",
         "of a non-paralysable pixel; left out where the detector says that it corrects its count rate"},
        {"scan.role", "name", "sample", "of a series that nobody announced: sample, background, dark or calibrant"},
        {"scan.calibrant", "name or none", "none",
         "of role calibrant, unless announced: Al2O3, CeO2, Cr2O3, LaB6 or Si; its rings are held against the geometry"},
        {"scan.points", "integer or none", "none", "frames of such a series; none: what the detector says"},
        {"scan.grid", "[rows, cols] or none", "none", "map of such a series"},
        {"scan.pitch_um", "[slow, fast] or none", "none", "step of the map"},
        {"scan.snake", "true or false", "false", "every second line of the map runs backwards"},
        {"sample.composition", "formula or none", "none", "required by structure_factor, and by a computed transmission"},
        {"sample.density_g_cm3", "number or none", "none", "required by kmn, low-r cleaning and a computed transmission"},
        {"sample.thickness_um", "number", "0", "along the beam; 0: no attenuation"},
        {"sample.thickness_sigma_um", "number", "0", "its uncertainty"},
        {"sample.transmission", "number or computed", "computed", "of the sample at normal incidence; an announced one wins"},
        {"sample.transmission_sigma", "number", "0", "uncertainty of a measured transmission"},
        {"sample.self_absorption", "true or false", "(true with a thickness)", "corrects for absorption inside the flat sample"},
        {"background.use", "name", "latest", "latest, none or the id of a scan; off_sample is not in this version"},
        {"background.scale", "number", "1", "multiplies the background after transmission"},
        {"background.upstream_fraction", "number", "0", "part of the air path before the sample, which is not attenuated by it"},
        {"background.upstream_fraction_sigma", "number", "0.05", "its uncertainty: part of that of the background's scale"},
        {"background.scale_sigma", "number", "0", "relative uncertainty of the scale beyond transmission and the part upstream"},
        {"structure_factor", "section or none", "section", "S(q)"},
        {"structure_factor.normalization", "name", "kmn", "Krogh-Moe and Norman; the high-q one is reported beside it"},
        {"structure_factor.laue", "faber_ziman or none", "faber_ziman", "none: without the Laue term"},
        {"structure_factor.compton", "true or false", "true", "subtracts Compton scattering"},
        {"structure_factor.anomalous", "true or false", "true", "uses f' and f''"},
        {"structure_factor.fluorescence", "auto or none", "auto", "auto: lines above the threshold are subtracted"},
        {"structure_factor.q_min_invA", "number", "(0.5, or where the data start)", "first q used"},
        {"structure_factor.q_max_invA", "number", "(where the data end)", "last q used"},
        {"fsdp", "section or none", "section", "first sharp diffraction peak"},
        {"fsdp.on", "sq or pattern", "(sq; pattern without structure_factor)", "curve that is fitted"},
        {"fsdp.window_invA", "[low, high]", "[2.2, 3.1]", "fitted range"},
        {"fsdp.model", "name", "split_pseudo_voigt",
         "what q1 is: split_pseudo_voigt or pseudo_voigt (centre; each with a line), parabola (top) or centroid (upper half)"},
        {"pair_distribution", "section or none", "none", "G(r)"},
        {"pair_distribution.q_max_invA", "number", "(structure_factor's)", "end of the Fourier integral"},
        {"pair_distribution.window", "name", "lorch", "none, lorch, modified_lorch or cosine"},
        {"pair_distribution.r_max_A", "number", "20", "last r"},
        {"pair_distribution.r_step_A", "number", "0.01", "step in r"},
        {"pair_distribution.low_r_cut_A", "number", "0", "below it there are no atoms: cleaned; 0: no cleaning"},
        {"pair_distribution.iterations", "integer", "(3 with low_r_cut_A, else 0)", "steps of low-r cleaning; 1 with top_hat"},
        {"pair_distribution.low_r_method", "eggert or top_hat", "eggert",
         "how it is cleaned: a factor of S that makes G right below the cut, or what is smooth in q subtracted (Soper)"},
        {"pair_distribution.top_hat_invA", "number", "(3 / low_r_cut_A with top_hat)", "half width of the top hat"},
        {"uncertainty.systematics", "true or false", "true", "finals say what each assumption is worth: scale, density, distance, ..."},
        {"uncertainty.density_percent", "number", "1", "uncertainty of the density"},
        {"uncertainty.compton_percent", "number", "1", "of the Compton scattering"},
        {"uncertainty.fluorescence_percent", "number", "30", "of the computed fluorescence"},
        {"uncertainty.q1_precision_invA", "number", "3e-04", "statistical precision that is asked for: the advice says when it is reached"},
        {"uncertainty.replicas", "integer", "0",
         "repeated draws of the counts of a final, each reduced, as a check of the errors; 0: none"},
        {"uncertainty.seed", "integer", "1", "of these draws"},
        {"uncertainty.point_peaks", "true or false", "true", "finals of maps have the peak of every point"},
        {"results.bind", "endpoint", "tcp://127.0.0.1:5560", "where results are published"},
        {"results.insecure", "true or false", "false", "bind may be reached from other machines"},
        {"results.rate_hz", "number", "2", "partial results per second, at most 10"},
        {"control.bind", "endpoint", "tcp://127.0.0.1:5561", "where commands are taken"},
        {"control.insecure", "true or false", "false", "bind may be reached from other machines"},
        {"web.listen", "none", "none", "page and metrics; not in this version: only `none`"},
        {"archive.directory", "folder", "archive", "where finals are kept"},
    };
}

} // namespace

std::vector<KeyDoc> const& key_table() {
    static std::vector<KeyDoc> const table = make_table();
    return table;
}

std::vector<KeyDoc> config_keys() {
    return key_table();
}

KeyDoc const* find_key(std::string const& key) {
    auto const& table = key_table();
    auto const found = std::find_if(table.begin(), table.end(), [&](KeyDoc const& row) { return row.key == key; });
    return found == table.end() ? nullptr : &*found;
}

bool is_section(std::string const& prefix) {
    auto const& table = key_table();
    return std::any_of(table.begin(), table.end(), [&](KeyDoc const& row) { return row.key.starts_with(prefix + '.'); });
}

} // namespace sqd
