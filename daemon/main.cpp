// The program: verbs, and the exit code of every way to fail.
#include "daemon/security/refusal_watch.hpp"
#include "daemon/simulate/simulate_command.hpp"
#include "daemon/verbs/check.hpp"
#include "daemon/verbs/compare.hpp"
#include "daemon/verbs/control.hpp"
#include "daemon/verbs/decode.hpp"
#include "daemon/verbs/export.hpp"
#include "daemon/verbs/keygen.hpp"
#include "daemon/verbs/reduce.hpp"
#include "daemon/verbs/replay.hpp"
#include "daemon/verbs/run.hpp"
#include "daemon/verbs/status.hpp"
#include "daemon/verbs/version.hpp"
#include "daemon/verbs/watch.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/heap.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <functional>

namespace {

/// Exit codes after sysexits.h; daemon/README.md lists them.
enum Exit { failed = 1, usage = 64, bad_data = 65, no_input = 66, unavailable = 69, io_error = 74, bad_config = 78 };

int complain(std::exception const& error, int code) {
    std::fprintf(stderr, "sqd: %s\n", error.what());
    return code;
}

} // namespace

int main(int argc, char** argv) {
    sqd::keep_freed_memory();
    CLI::App app{"sqd: S(q), its first sharp diffraction peak and G(r), live from a detector's stream"};
    app.require_subcommand(1);
    std::function<int()> run;
    sqd::add_run(app, run);
    sqd::add_simulate(app, run);
    sqd::add_replay(app, run);
    sqd::add_reduce(app, run);
    sqd::add_compare(app, run);
    sqd::add_export(app, run);
    sqd::add_check(app, run);
    sqd::add_decode(app, run);
    sqd::add_watch(app, run);
    sqd::add_status(app, run);
    sqd::add_keygen(app, run);
    sqd::add_control(app, run);
    sqd::add_version(app, run);
    try {
        app.parse(argc, argv);
        return run();
    } catch (CLI::ParseError const& error) {
        return app.exit(error) == 0 ? 0 : usage;
    } catch (sqd::ConfigError const& error) {
        return complain(error, bad_config);
    } catch (sqd::DataError const& error) {
        return complain(error, bad_data);
    } catch (sqd::DecodeError const& error) {
        return complain(error, bad_data);
    } catch (sqd::IoError const& error) {
        return complain(error, error.output() ? io_error : no_input);
    } catch (sqd::AccessRefused const& error) {
        return complain(error, unavailable);
    } catch (std::exception const& error) {
        return complain(error, failed);
    }
}
