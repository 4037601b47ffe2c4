#include "daemon/log/log_setup.hpp"

#include "daemon/log/limited_sink.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace sqd {
namespace {

/// %P: the priority that sd-daemon(3) reads at the head of a line.
class PriorityFlag final : public spdlog::custom_flag_formatter {
public:
    void format(spdlog::details::log_msg const& message, std::tm const& /*time*/, spdlog::memory_buf_t& out) override {
        char priority = '6';
        if (message.level >= spdlog::level::critical)
            priority = '2';
        else if (message.level >= spdlog::level::err)
            priority = '3';
        else if (message.level >= spdlog::level::warn)
            priority = '4';
        else if (message.level < spdlog::level::info)
            priority = '7';
        out.push_back('<');
        out.push_back(priority);
        out.push_back('>');
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PriorityFlag>(); }
};

std::shared_ptr<spdlog::sinks::sink> sink_of(LogForm form) {
    if (form == LogForm::terminal) {
        auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
        sink->set_pattern("%H:%M:%S %^%-8l%$ %v");
        return sink;
    }
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    if (form == LogForm::file) {
        sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
        return sink;
    }
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<PriorityFlag>('P').set_pattern("%P%v");
    sink->set_formatter(std::move(formatter));
    return sink;
}

} // namespace

LogForm log_form(int stderr_fd, char const* journal_stream) {
    unsigned long long device = 0, inode = 0;
    struct stat info {};
    if (journal_stream != nullptr && std::sscanf(journal_stream, "%llu:%llu", &device, &inode) == 2 && fstat(stderr_fd, &info) == 0 &&
        info.st_dev == device && info.st_ino == inode)
        return LogForm::journal;
    return isatty(stderr_fd) == 1 ? LogForm::terminal : LogForm::file;
}

LogAccess set_up_log(bool quiet) {
    auto memory = std::make_shared<LogMemory>();
    auto sink = std::make_shared<LimitedSink>(sink_of(log_form(STDERR_FILENO, std::getenv("JOURNAL_STREAM"))), LogRates{}, memory);
    // The logger must not give its own pattern to the sink behind: that has the one of its form.
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("sqd", sink));
    if (quiet) spdlog::set_level(spdlog::level::warn);
    return {[sink] { return sink->left_out(); }, memory};
}

} // namespace sqd
