#include "daemon/verbs/status_report.hpp"

#include "config/yaml_tree.hpp"
#include "daemon/run/free_space.hpp"
#include "daemon/verbs/status.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "daemon/verbs/version.hpp"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace sqd {
namespace {

namespace fs = std::filesystem;

std::string section(std::string const& title, std::string const& text) {
    return "== " + title + '\n' + text + (text.empty() || text.back() == '\n' ? "" : "\n") + '\n';
}

std::string system_name() {
    std::ifstream file("/etc/os-release");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("PRETTY_NAME=", 0) == 0) return line.substr(line.find('=') + 1);
    }
    return "unknown";
}

std::string machine_text() {
    utsname kernel{};
    uname(&kernel);
    struct sysinfo memory {};
    sysinfo(&memory);
    double const total_GB = static_cast<double>(memory.totalram) * memory.mem_unit * 1e-9;
    return labelled_line("time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::now()))) +
           labelled_line("system", printable(system_name())) +
           labelled_line("kernel", fmt::format("{} {}", kernel.release, kernel.machine)) +
           labelled_line("cores", std::to_string(std::thread::hardware_concurrency())) +
           labelled_line("memory", fmt::format("{:.1f} GB", total_GB)) + labelled_line("uptime", fmt::format("{} h", memory.uptime / 3600));
}

std::string status_section(ReportSources const& sources) {
    if (!sources.status_problem.empty()) return printable(sources.status_problem) + '\n';
    if (!sources.status) return sources.control + ": no answer (is the service running?)\n";
    return status_text(*sources.status) + to_text(*sources.status) + '\n';
}

std::string configuration_section(ReportSources const& sources) {
    std::string out;
    if (!sources.config_problem.empty()) out += "problem: " + printable(sources.config_problem) + '\n';
    if (sources.config) {
        for (char const* key : {"file", "sha256"}) out += labelled_line(key, printable(sources.config->value(key, std::string{})));
    }
    if (sources.config_yaml.empty()) return out + "not known (say which with -c)\n";
    return out + sources.config_yaml;
}

/// A folder of the configuration; relative ones start at its file.
fs::path folder_of(ReportSources const& sources, std::string const& key) {
    std::string const file = sources.config ? sources.config->value("file", sources.config_file) : sources.config_file;
    std::string const value = value_in(sources.config_yaml, key);
    if (value.empty() || value == "none") return {};
    return fs::path(value).is_absolute() ? fs::path(value) : fs::path(file).parent_path() / value;
}

std::string folder_section(ReportSources const& sources, std::string const& key) {
    fs::path const folder = folder_of(sources, key);
    if (folder.empty()) return key + " is not known\n";
    constexpr std::size_t shown = 12;
    return labelled_line("folder", printable(folder.string())) +
           labelled_line("free", fmt::format("{:.2f} GB", static_cast<double>(free_bytes(folder.string())) * 1e-9)) +
           folder_text(folder, shown);
}

/// The last lines of the unit's log. The instance's name is one by the configuration's rules, and goes into a command.
std::string log_section(std::string const& instance) {
    bool const plain = !instance.empty() && std::all_of(instance.begin(), instance.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!plain) return "the instance is not known\n";
    std::string const command = "timeout 5 journalctl --unit=sqd@" + instance + " --lines=60 --no-pager --quiet 2>&1";
    std::unique_ptr<FILE, int (*)(FILE*)> const pipe(popen(command.c_str(), "r"), pclose);
    if (!pipe) return "journalctl cannot be run\n";
    std::string out;
    std::array<char, 4096> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) != nullptr) {
        std::string text(line.data());
        if (!text.empty() && text.back() == '\n') text.pop_back();
        out += printable(text) + '\n';
    }
    return out.empty() ? "the journal has no lines of sqd@" + instance + '\n' : out;
}

} // namespace

std::string value_in(std::string const& yaml, std::string const& key) {
    if (yaml.empty()) return {};
    YamlNode const root = parse_yaml(yaml, "effective configuration");
    YamlNode const* node = &root;
    for (std::size_t at = 0; at < key.size();) {
        auto const dot = std::min(key.find('.', at), key.size());
        auto const* const entry = node->kind == YamlNode::Kind::mapping ? find_entry(*node, key.substr(at, dot - at)) : nullptr;
        if (entry == nullptr) return {};
        node = &entry->value;
        at = dot + 1;
    }
    return node->text;
}

std::string folder_text(fs::path const& folder, std::size_t most) {
    struct Entry {
        fs::file_time_type time;
        std::uintmax_t bytes;
        std::string name;
    };
    std::vector<Entry> entries;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code gone; // between the listing and the look: it is left out
        auto const time = it->last_write_time(gone);
        auto const bytes = it->is_regular_file(gone) ? it->file_size(gone) : 0;
        if (!gone) entries.push_back({time, bytes, it->path().filename().string()});
    }
    if (error) return "cannot be read (" + error.message() + ")\n";
    std::sort(entries.begin(), entries.end(), [](Entry const& a, Entry const& b) { return a.time > b.time; });
    std::string out = labelled_line("entries", std::to_string(entries.size()));
    for (std::size_t i = 0; i < std::min(most, entries.size()); ++i) {
        auto const time = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::file_clock::to_sys(entries[i].time));
        out += fmt::format("{:%Y-%m-%dT%H:%M:%SZ} {:>12} {}\n", fmt::gmtime(std::chrono::system_clock::to_time_t(time)), entries[i].bytes,
                           printable(entries[i].name));
    }
    return out;
}

std::string report_text(ReportSources const& sources) {
    std::string const instance =
        sources.status ? sources.status->value("instance", std::string{}) : value_in(sources.config_yaml, "instance");
    return section("version", version_text()) + section("machine", machine_text()) + section("status", status_section(sources)) +
           section("configuration", configuration_section(sources)) + section("archive", folder_section(sources, "archive.directory")) +
           section("journal", folder_section(sources, "journal.directory")) + section("log", log_section(instance));
}

} // namespace sqd
