#include "detectors/simulated/array_messages.hpp"

#include <nlohmann/json.hpp>

#include <string_view>
#include <utility>

namespace sqd::simulated {

using Json = nlohmann::ordered_json;

Message array_message(std::uint64_t frame, std::size_t rows, std::size_t cols, std::string const& type, Part pixels,
                      ArrayDialect const& dialect) {
    Json shape = Json::array();
    if (dialect.leading_axis) shape.push_back(1);
    shape.push_back(dialect.width_first ? cols : rows);
    shape.push_back(dialect.width_first ? rows : cols);
    Json header;
    header["htype"] = "array-1.0";
    if (dialect.htype_in_list) header["htype"] = Json::array({"array-1.0"});
    header["type"] = type;
    header["shape"] = shape;
    header["frame"] = frame;
    if (!dialect.endianness_key.empty()) header[dialect.endianness_key] = "little";
    if (dialect.timestamp_s) {
        header["timeStamp"] = *dialect.timestamp_s;
        header["encoding"] = "";
        header["ndattr"] = {{"ColorMode", 0}, {"DriverFileName", "t_00000.tif"}};
    }
    Message message{part_of(header.dump())};
    message.push_back(std::move(pixels));
    return message;
}

Message pilatus1_message(std::string const& filename, std::string const& path, Part file) {
    Message message{part_of(Json{{"htype", "pilatus-1.0"}, {"filename", filename}, {"path", path}}.dump())};
    message.push_back(std::move(file));
    return message;
}

Message stop_message() {
    return {part_of(std::string_view("STOP"))};
}

} // namespace sqd::simulated
