#include "daemon/verbs/version.hpp"

#include "pipeline/core/cpu_tier.hpp"

#include <CLI/CLI.hpp>
#include <hdf5.h>
#include <lz4.h>
#include <spdlog/fmt/fmt.h>
#include <zmq.h>

#include <cstdio>
#include <string>

namespace sqd {

std::string version_text() {
    int major = 0, minor = 0, patch = 0;
    zmq_version(&major, &minor, &patch);
    unsigned h_major = 0, h_minor = 0, h_release = 0;
    H5get_libversion(&h_major, &h_minor, &h_release);
    return fmt::format("sqd {}\nlibzmq {}.{}.{}\nHDF5 {}.{}.{}\nlz4 {}\ncompiler {}\ninstructions {}\n", SQD_VERSION, major, minor, patch,
                       h_major, h_minor, h_release, LZ4_versionString(), __VERSION__, name(best_cpu_tier()));
}

void add_version(CLI::App& app, std::function<int()>& run) {
    CLI::App* verb = app.add_subcommand("version", "print versions");
    verb->footer("Examples:\n  sqd version");
    verb->callback([&run] {
        run = [] {
            std::fputs(version_text().c_str(), stdout);
            return 0;
        };
    });
}

} // namespace sqd
