// Runs a program whose output becomes a reply. For what may crash or hang, or may not run beside the service's own threads: HDF5.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sqd {

/// What programs may cost.
struct ChildLimits {
    std::size_t at_once = 2;                    ///< from their start until what they said is let go of
    std::size_t bytes = std::size_t{32} << 20;  ///< of output
    std::chrono::milliseconds patience{20'000}; ///< until they have ended
};

/// How a program ended.
struct ChildEnd {
    enum class How { well, failed, late, too_much, not_started };
    How how = How::not_started;
    std::string output;         ///< where it ended well
    std::string complaint;      ///< what it said on standard error (its beginning), or why it was not started
    std::shared_ptr<void> room; ///< hold it as long as the output
};

/// Its thread is that of the io_context. A program gets no descriptor and no blocked signal of the service. One that is late, says too
/// much or outlives the io_context is killed; one that cannot even be killed (a disk hangs) keeps its room until it can.
class ChildPrograms {
public:
    using Done = std::function<void(ChildEnd)>;

    ChildPrograms(boost::asio::io_context& io, ChildLimits limits);
    /// `command`: path and arguments. `done` is called once: at once where there is no room or it cannot be started.
    void run(std::vector<std::string> const& command, Done done);
    std::size_t running() const { return *running_; }

private:
    boost::asio::io_context& io_;
    ChildLimits limits_;
    std::shared_ptr<std::size_t> running_; ///< may be let go of after this
};

} // namespace sqd
