// YAML -> Config: parse, read the parts, echo.
#include "config/load.hpp"

#include "config/parts.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sqd {

std::string read_file(std::string const& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream || std::filesystem::is_directory(path)) {
        throw IoError("cannot read '" + path + "' (no such file, a folder, or no right to read it) check the name", false);
    }
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Config parse_config(std::string const& yaml, std::string const& path, MaskReader const& read_mask, ImageReader const& read_image) {
    Document document(yaml, path);
    Config config;
    config.file = path;
    read_input(document, config, read_mask);
    read_reduction(document, config);
    read_corrections(document, config, read_image);
    read_service(document, config);
    config.effective_yaml = document.effective_yaml();
    return config;
}

Config load_config(std::string const& path, MaskReader const& read_mask, ImageReader const& read_image) {
    try {
        return parse_config(read_file(path), path, read_mask, read_image);
    } catch (IoError const& e) {
        throw config_error({path, 0, "file"}, "no configuration", e.what(), "name a file with -c");
    }
}

} // namespace sqd
