// From where frames come, and which of their pixels count.
#include "config/parts.hpp"
#include "detectors/descriptions.hpp"

#include <regex>

namespace sqd {

namespace {

std::string read_instance(Section const& top) {
    auto const instance = top.text("instance");
    static std::regex const allowed("[A-Za-z0-9_-]+");
    if (!std::regex_match(instance, allowed)) {
        throw top.refuse("instance", '\'' + instance + "' is not a name", "it is part of every topic", "use letters, digits, _ and -");
    }
    return instance;
}

Mask read_one_mask(Section const& section, std::string const& path, DetectorModel const& model, MaskReader const& read_mask) {
    Mask mask;
    try {
        mask = read_mask(path);
    } catch (DataError const& e) {
        throw section.refuse("files", "'" + path + "' is no mask", e.what(), "config/README.md says what is read");
    }
    if (mask.rows != model.rows || mask.cols != model.cols) {
        throw section.refuse("files", "'" + path + "' is for another detector",
                             shape_disagreement(mask.rows, mask.cols, model.rows, model.cols, model.name),
                             "make the mask on an image of this detector");
    }
    return mask;
}

void read_mask_section(Section const& section, DetectorModel const& model, Config& config, MaskReader const& read_mask) {
    auto const gaps = gap_mask(model);
    Mask files(model.rows, model.cols);
    for (auto const& name : section.texts("files")) {
        auto const path = existing_dataset(section, "files", name);
        auto const mask = read_one_mask(section, path, model, read_mask);
        config.mask_files.push_back({path, masked_pixels(mask)});
        files = files | mask;
    }
    config.mask = gaps | files;
    config.masked_by_gaps = masked_pixels(gaps);
    config.masked_by_files = masked_pixels(files);
    if (masked_pixels(config.mask) == config.mask.size()) {
        throw section.refuse("files", "every pixel is masked", "non-zero means masked; masks are never inverted by guess",
                             "invert the mask");
    }
    config.stream_mask = section.flag("stream");
}

void check_image_limit(Section const& source, DetectorModel const& model, SourceConfig const& config) {
    auto const image_bytes = model.rows * model.cols * 4;
    if (config.max_image_bytes < image_bytes) {
        auto const needed = (image_bytes >> 20) + 1;
        throw source.refuse("max_image_MB", "is too small",
                            std::string("a 32-bit image of ") + model.name + " has " + std::to_string(needed) + " MB",
                            "write at least " + std::to_string(needed));
    }
}

} // namespace

std::string existing_dataset(Section const& section, std::string const& key, std::string const& name) {
    auto const file = name.substr(0, name.rfind("::"));
    return section.existing_file(key, file) + name.substr(file.size());
}

void read_input(Document& document, Config& config, MaskReader const& read_mask) {
    Section const source(document, "source");
    config.instance = read_instance(Section(document, ""));
    config.source = read_source(document, source);
    auto const& model = read_geometry(document, config);
    check_image_limit(source, model, config.source);
    read_mask_section(Section(document, "mask"), model, config, read_mask);
}

} // namespace sqd
