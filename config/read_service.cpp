// Endpoints and folders of the service.
#include "config/parts.hpp"

#include <regex>

namespace sqd {

namespace {

std::string check_endpoint(Section const& section, std::string const& key, std::string const& endpoint) {
    static std::regex const form(R"((tcp://([^\s:/\[\]]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5}|\*))|((ipc|inproc)://\S+))");
    if (!std::regex_match(endpoint, form)) {
        throw section.refuse(key, '\'' + endpoint + "' is not an endpoint", "ZeroMQ writes protocol://address", "write tcp://host:port");
    }
    auto const port = endpoint.substr(endpoint.find_last_of(':') + 1);
    if (endpoint.starts_with("tcp://") && port != "*" && std::stoul(port) > 65535) {
        throw section.refuse(key, "port " + port + " does not exist", "the largest is 65535", "choose another");
    }
    return endpoint;
}

bool is_local(std::string const& endpoint) {
    static std::regex const local(R"(tcp://(127\.[0-9.]+|localhost|\[::1\]):.*)");
    return !endpoint.starts_with("tcp://") || std::regex_match(endpoint, local);
}

} // namespace

std::string read_connect(Section const& section, std::string const& key) {
    auto const endpoint = section.text(key);
    return endpoint == "none" ? std::string{} : check_endpoint(section, key, endpoint);
}

std::string read_bind(Section const& section, bool optional) {
    auto const endpoint = section.text("bind");
    auto const insecure = section.flag("insecure");
    if (optional && endpoint == "none") return {};
    check_endpoint(section, "bind", endpoint);
    if (!insecure && !is_local(endpoint)) {
        throw section.refuse("bind", '\'' + endpoint + "' can be reached from other machines", "there is no encryption in this version",
                             "bind to 127.0.0.1, or add insecure: true beside it");
    }
    return endpoint;
}

void read_service(Document& document, Config& config) {
    Section const results(document, "results"), control(document, "control"), web(document, "web"), archive(document, "archive");
    auto& service = config.service;
    service.results_bind = read_bind(results, false);
    service.rate_hz = results.number("rate_hz", {0, 10, "results per second [Hz]", true});
    service.control_bind = read_bind(control, false);
    if (service.results_bind == service.control_bind && !service.control_bind.ends_with(":*") && !service.control_bind.ends_with(":0")) {
        throw control.refuse("bind", '\'' + service.control_bind + "' is results.bind, too", "two sockets cannot share an endpoint",
                             "choose another port");
    }
    web.not_available("listen", "no page in this version");
    service.archive_directory = document.resolve(archive.text("directory"));
}

} // namespace sqd
