#include "daemon/verbs/version.hpp"

#include "pipeline/core/cpu_tier.hpp"

#include <CLI/CLI.hpp>
#include <hdf5.h>
#include <lz4.h>
#include <zmq.h>

#include <cstdio>
#include <string>

namespace sqd {
namespace {

int print_version() {
    int major = 0, minor = 0, patch = 0;
    zmq_version(&major, &minor, &patch);
    unsigned h_major = 0, h_minor = 0, h_release = 0;
    H5get_libversion(&h_major, &h_minor, &h_release);
    std::printf("sqd %s\nlibzmq %d.%d.%d\nHDF5 %u.%u.%u\nlz4 %s\ncompiler %s\ninstructions %s\n", SQD_VERSION, major, minor, patch, h_major,
                h_minor, h_release, LZ4_versionString(), __VERSION__, std::string(name(best_cpu_tier())).c_str());
    return 0;
}

} // namespace

void add_version(CLI::App& app, std::function<int()>& run) {
    CLI::App* verb = app.add_subcommand("version", "print versions");
    verb->callback([&run] { run = print_version; });
}

} // namespace sqd
