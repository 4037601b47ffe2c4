// One file, read under one lock and shown under another: who is being let in does not wait for the disk.
#include "daemon/security/client_register.hpp"

#include "daemon/security/private_file.hpp"
#include "pipeline/core/errors.hpp"

#include <sys/stat.h>

#include <spdlog/spdlog.h>

#include <utility>

namespace sqd {

ClientRegister::ClientRegister(std::filesystem::path file, AlarmBoard& alarms, Clock const& clock)
    : file_(std::move(file)), alarms_(alarms), clock_(clock), read_(stamp()), clients_(read()) {}

ClientRegister::Stamp ClientRegister::stamp() const {
    struct stat status {};
    if (::stat(file_.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
            std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

ClientRegister::Clients ClientRegister::read() const {
    Clients out;
    for (Client& client : parse_client_list(read_small_file(file_), file_.string())) out.emplace(client.key, std::move(client));
    return out;
}

void ClientRegister::refresh() {
    {
        std::lock_guard reading(reading_);
        if (stamp() == read_) return;
    }
    reload();
}

void ClientRegister::reload() {
    std::lock_guard reading(reading_);
    read_ = stamp(); // before the text: what is written meanwhile is read the next time
    try {
        auto fresh = read();
        spdlog::info("access: {} clients are listed in {}", fresh.size(), file_.string());
        std::lock_guard lock(mutex_);
        clients_ = std::move(fresh);
        alarms_.clear("clients");
    } catch (ConfigError const& error) {
        std::string const what = std::string("the list of clients was not read: ") + error.what() + "; the one before stays in force";
        if (alarms_.raise("clients", what, clock_.utc_ns())) spdlog::error("access: {}", what);
    }
}

std::optional<Client> ClientRegister::find(PublicKey const& key) const {
    std::lock_guard lock(mutex_);
    auto const found = clients_.find(key);
    return found == clients_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t ClientRegister::size() const {
    std::lock_guard lock(mutex_);
    return clients_.size();
}

} // namespace sqd
