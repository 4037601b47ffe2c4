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

std::string read_bind(Section const& section, bool optional, bool encrypted) {
    auto const endpoint = section.text("bind");
    auto const insecure = section.flag("insecure");
    if (optional && endpoint == "none") return {};
    check_endpoint(section, "bind", endpoint);
    if (!insecure && !encrypted && !is_local(endpoint)) {
        throw section.refuse("bind", '\'' + endpoint + "' can be reached from other machines",
                             optional ? "detectors do not encrypt"
                                      : "without security.server_key nothing is encrypted and everybody is let in",
                             optional ? "bind to 127.0.0.1, or add insecure: true beside it"
                                      : "bind to 127.0.0.1, give security.server_key, or add insecure: true beside it");
    }
    return endpoint;
}

namespace {

std::uint64_t gigabytes(double value) {
    return static_cast<std::uint64_t>(value * 1e9);
}

WebConfig read_web(Document& document) {
    Section const web(document, "web");
    static std::regex const form(R"(([^\s:/\[\]]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5}))");
    WebConfig out;
    auto const listen = web.text("listen");
    auto const insecure = web.flag("insecure");
    auto const token = web.text("token");
    if (token != "none") out.token_file = web.existing_file("token", token);
    if (listen == "none") return out;
    std::smatch parts;
    if (!std::regex_match(listen, parts, form) || std::stoul(parts[2]) > 65535)
        throw web.refuse("listen", '\'' + listen + "' is not an address", "it is written address:port", "write 127.0.0.1:8640");
    if (!insecure && !is_local("tcp://" + listen))
        throw web.refuse("listen", '\'' + listen + "' can be reached from other machines", "pages are not encrypted",
                         "listen at 127.0.0.1, or add insecure: true beside it");
    out.listen = listen;
    return out;
}

SecurityConfig read_security(Document& document) {
    Section const security(document, "security");
    SecurityConfig out;
    auto const key = security.text("server_key"), clients = security.text("clients");
    if ((key == "none") != (clients == "none")) {
        bool const no_key = key == "none";
        throw security.refuse(no_key ? "server_key" : "clients", "none although the other one is given",
                              "a key lets anybody in without a list, and a list is nothing without a key", "give both, or none");
    }
    if (key == "none") return out;
    out.server_key = security.existing_file("server_key", key);
    out.clients = security.existing_file("clients", clients);
    return out;
}

/// A path that leads from the archive's folder, so that both can be moved together.
std::string read_detector_files(Section const& archive) {
    auto const pattern = archive.text("detector_files");
    if (pattern == "none") return {};
    static std::regex const form(R"(([^{}]|\{series\}|\{name\})*)"), names_one(R"([^]*\{(series|name)\}[^]*)");
    auto const refuse = [&](std::string const& problem, std::string const& why, std::string const& suggestion) {
        throw archive.refuse("detector_files", '\'' + pattern + "' " + problem, why, suggestion);
    };
    if (pattern.starts_with('/'))
        refuse("is absolute", "links hold from the archive's folder on", "write it relative to archive.directory");
    if (!std::regex_match(pattern, form)) refuse("has braces around something else", "{series} and {name} are known", "use these");
    if (!std::regex_match(pattern, names_one)) refuse("is the same file for all", "each series has its own", "write {series} into it");
    if (pattern.ends_with('/')) refuse("is a folder", "a link leads to a file", "name the file");
    return pattern;
}

JournalConfig read_journal(Document& document, std::string const& archive_directory) {
    Section const journal(document, "journal");
    JournalConfig out;
    out.directory = document.resolve(journal.text("directory", archive_directory + "/.journal"));
    out.checkpoint_s = journal.number("checkpoint_s", {0, 3600, "time between checkpoints [s]"});
    out.resume_timeout_s = journal.number("resume_timeout_s", {0, 86400, "time to go on after a restart [s]"});
    out.keep_days = journal.number("keep_days", {0, 3650, "time to keep what is archived [days]"});
    out.keep_bytes = gigabytes(journal.number("keep_GB", {0, 1e6, "what to keep of it [GB]"}));
    return out;
}

} // namespace

void read_service(Document& document, Config& config) {
    Section const results(document, "results"), control(document, "control"), archive(document, "archive");
    config.service.security = read_security(document);
    bool const encrypted = !config.service.security.server_key.empty();
    auto& service = config.service;
    service.results_bind = read_bind(results, false, encrypted);
    service.rate_hz = results.number("rate_hz", {0, 10, "results per second [Hz]", true});
    service.control_bind = read_bind(control, false, encrypted);
    if (service.results_bind == service.control_bind && !service.control_bind.ends_with(":*") && !service.control_bind.ends_with(":0")) {
        throw control.refuse("bind", '\'' + service.control_bind + "' is results.bind, too", "two sockets cannot share an endpoint",
                             "choose another port");
    }
    service.web = read_web(document);
    auto const archive_directory = archive.text("directory");
    service.archive_directory = document.resolve(archive_directory);
    service.detector_files = read_detector_files(archive);
    service.min_free_bytes = gigabytes(archive.number("min_free_GB", {0, 1e6, "free space [GB]"}));
    service.journal = read_journal(document, archive_directory);
}

} // namespace sqd
