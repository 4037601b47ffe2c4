// The parts of a configuration, each read and checked by its own functions in the order in which they build on each other.
#pragma once

#include "config/config.hpp"
#include "config/load.hpp"
#include "config/section.hpp"

#include <optional>
#include <string>
#include <utility>

namespace sqd {

/// instance, source, geometry, detector, beam, mask: from where frames come, where their pixels look and which of them count.
void read_input(Document& document, Config& config, MaskReader const& read_mask);

/// geometry, detector and beam: where the pixels look. Returns the detector's model. Called by read_input.
DetectorModel const& read_geometry(Document& document, Config& config);

/// source alone: from where frames come. Called by read_input.
SourceConfig read_source(Document& document, Section const& source);

/// integration to pair_distribution. Needs what read_input has set.
void read_reduction(Document& document, Config& config);

/// integration.npt, radial_range, edges and spacing; `unit` must have been read. Returns the range of the data in it. Called by
/// read_reduction.
std::pair<double, double> read_axis(Section const& integration, Geometry const& geometry, IntegrationConfig& config);

/// integration.cake; the rest of `integration` must have been read. Called by read_reduction.
std::optional<CakeConfig> read_cake(Document& document, IntegrationConfig const& integration);
/// sample. Called by read_reduction.
Sample read_sample(Document& document);

/// structure_factor; `data` is the range of the data in q [1/A]. Called by read_reduction.
std::optional<StructureFactorConfig> read_structure_factor(Document& document, Sample const& sample, std::pair<double, double> const& data);
/// normalization: low_r needs a low-r cut, which pair_distribution has. Called by read_reduction when both have been read.
void check_low_r(Document& document, ReductionConfig const& reduction);
/// ad_hoc; `data` is the range of the data in q. Called by read_reduction.
std::optional<AdHocConfig> read_ad_hoc(Document& document, IntegrationConfig const& integration, Sample const& sample,
                                       std::pair<double, double> const& data);
/// pair_distribution: of S(q) on even steps in q. Called by read_reduction.
std::optional<PairDistributionConfig> read_pair_distribution(Document& document, IntegrationConfig const& integration,
                                                             std::optional<StructureFactorConfig> const& sq);

/// `window` of a section that has a transform to G(r).
Window read_window(Section const& section);

/// uncertainty. Called by read_reduction.
UncertaintyConfig read_uncertainty(Section const& section);

/// corrections. Needs what read_input and read_reduction have set.
void read_corrections(Document& document, Config& config, ImageReader const& read_image);

/// results, control, web, archive.
void read_service(Document& document, Config& config);

/// A ZeroMQ endpoint, or `none` where `optional` (then empty). A bind that other machines reach needs `insecure: true` beside it.
std::string read_connect(Section const& section, std::string const& key);
std::string read_bind(Section const& section, bool optional, bool encrypted = false);

/// A file that must be there, or a dataset in one (`file.h5::/path`); returns its path from the working folder.
std::string existing_dataset(Section const& section, std::string const& key, std::string const& name);

/// The whole of a file. Throws IoError if it cannot be read.
std::string read_file(std::string const& path);

} // namespace sqd
