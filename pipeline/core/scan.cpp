// Names of the roles a scan may have, and of the shapes of a sample.
#include "pipeline/core/scan.hpp"

namespace sqd {

std::string name(Role role) {
    switch (role) {
    case Role::sample: return "sample";
    case Role::background: return "background";
    case Role::dark: return "dark";
    case Role::calibrant: return "calibrant";
    }
    return "unknown";
}

std::string name(SampleShape shape) {
    return shape == SampleShape::plate ? "plate" : "cylinder";
}

std::optional<Role> parse_role(std::string const& text) {
    for (Role const role : {Role::sample, Role::background, Role::dark, Role::calibrant}) {
        if (text == name(role)) return role;
    }
    return std::nullopt;
}

} // namespace sqd
