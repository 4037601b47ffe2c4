// The error types of the project. Text grammar: problem (why it is one) suggestion.
#pragma once

#include <stdexcept>
#include <string>

namespace sqd {

/// What is wrong with a message; counted per kind.
enum class DecodeFault {
    malformed,   ///< not what the format says: bad JSON, missing key, wrong number of parts
    unsupported, ///< understood, but not something this program reads
    truncated,   ///< ends before it should
    corrupt,     ///< compressed data that do not decompress to what they claim
    mismatch,    ///< shape, type or size differ from the detector or from each other
    oversized,   ///< beyond a configured limit
};

/// Bad bytes from a detector: the message is counted and dropped, the stream goes on.
class DecodeError : public std::runtime_error {
public:
    DecodeError(DecodeFault fault, std::string const& what) : std::runtime_error(what), fault_(fault) {}
    DecodeFault fault() const noexcept { return fault_; }

private:
    DecodeFault fault_;
};

/// Bad configuration, found before anything starts. Exit code 78.
/// what() reads `file:line: key: problem (why) suggestion`; line 0 = not known.
class ConfigError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Data that cannot be reduced as asked (a pattern without bins, a density needed but unknown). Exit code 65.
class DataError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A file that cannot be opened or read (exit code 66), or written (74).
class IoError : public std::runtime_error {
public:
    IoError(std::string const& what, bool output) : std::runtime_error(what), output_(output) {}
    bool output() const noexcept { return output_; }

private:
    bool output_;
};

/// Name of a fault as it appears in counters and results.
constexpr char const* name(DecodeFault fault) {
    switch (fault) {
    case DecodeFault::malformed: return "malformed";
    case DecodeFault::unsupported: return "unsupported";
    case DecodeFault::truncated: return "truncated";
    case DecodeFault::corrupt: return "corrupt";
    case DecodeFault::mismatch: return "mismatch";
    case DecodeFault::oversized: return "oversized";
    }
    return "unknown";
}

} // namespace sqd
