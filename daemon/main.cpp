// The program: its verbs, and the exit code of every way to fail.
#include "daemon/security/refusal_watch.hpp"
#include "daemon/verbs/program.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/heap.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <functional>

namespace {

int complain(std::exception const& error, int code) {
    std::fprintf(stderr, "sqd: %s\n", error.what());
    return code;
}

} // namespace

int main(int argc, char** argv) {
    sqd::keep_freed_memory();
    CLI::App app;
    std::function<int()> run;
    sqd::add_verbs(app, run);
    try {
        app.parse(argc, argv);
        return run();
    } catch (CLI::ParseError const& error) {
        return app.exit(error) == 0 ? 0 : sqd::exit_usage;
    } catch (sqd::ConfigError const& error) {
        return complain(error, sqd::exit_config);
    } catch (sqd::DataError const& error) {
        return complain(error, sqd::exit_data);
    } catch (sqd::DecodeError const& error) {
        return complain(error, sqd::exit_data);
    } catch (sqd::IoError const& error) {
        return complain(error, error.output() ? sqd::exit_output : sqd::exit_input);
    } catch (sqd::AccessRefused const& error) {
        return complain(error, sqd::exit_no_answer);
    } catch (std::exception const& error) {
        return complain(error, sqd::exit_failed);
    }
}
