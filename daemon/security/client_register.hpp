// The list of clients as its file stands now.
#pragma once

#include "daemon/security/client_list.hpp"
#include "pipeline/stream/alarms.hpp"
#include "pipeline/stream/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace sqd {

/// Called from any thread. A list that cannot be read, or is wrong, changes nothing: the one before stays in force, with the alarm
/// `clients` until it is mended.
class ClientRegister {
public:
    /// Throws ConfigError for a list that cannot be read or is wrong.
    ClientRegister(std::filesystem::path file, AlarmBoard& alarms, Clock const& clock);

    /// Reads the list again, whether it has changed or not.
    void reload();
    /// Reads it again where file, size or time of modification are not what they were.
    void refresh();
    /// nullopt: nobody who is listed.
    std::optional<Client> find(PublicKey const& key) const;
    std::size_t size() const;

private:
    using Clients = std::map<PublicKey, Client>;
    /// What tells that a file is not the one that was read.
    struct Stamp {
        std::uint64_t device = 0, inode = 0, size = 0;
        std::int64_t modified_ns = 0;
        bool operator==(Stamp const&) const = default;
    };
    Stamp stamp() const;
    Clients read() const;

    std::filesystem::path file_;
    AlarmBoard& alarms_;
    Clock const& clock_;
    std::mutex reading_; ///< one at a time; taken before mutex_
    Stamp read_;
    mutable std::mutex mutex_;
    Clients clients_;
};

} // namespace sqd
