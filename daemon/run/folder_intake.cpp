#include "daemon/run/folder_intake.hpp"

#include "detectors/codec/cbf.hpp"
#include "pipeline/core/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

namespace sqd {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t header_allowance = 256 * 1024; ///< text and padding around the pixels

/// The bytes of a file, at most `limit` + 1 of them; nullopt when it is gone.
std::optional<std::vector<std::byte>> read_bytes(fs::path const& path, std::size_t limit) {
    std::ifstream file(path, std::ios::binary);
    std::error_code error;
    auto const size = fs::file_size(path, error);
    if (!file || error) return std::nullopt;
    std::vector<std::byte> bytes(std::min<std::size_t>(size, limit + 1));
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return bytes;
}

/// Why the writer has not finished, if so: bytes are missing, or they are not those of the checksum yet.
std::optional<DecodeError> torn_by(std::span<std::byte const> file) {
    try {
        check_md5(parse_cbf(file));
    } catch (DecodeError const& error) {
        if (error.fault() == DecodeFault::truncated || error.fault() == DecodeFault::corrupt) return error;
    }
    return std::nullopt;
}

} // namespace

FolderIntake::FolderIntake(SourceConfig const& source, std::unique_ptr<Decoder> decoder, EventGate gate, Counters& counters,
                           SourceLink& link, Clock const& clock)
    : folder_(source.directory), watch_(folder_, ".cbf"), decoder_(std::move(decoder)), gate_(gate), counters_(counters), link_(link),
      clock_(clock), max_file_bytes_(source.max_image_bytes + header_allowance), torn_retry_s_(source.torn_retry_s),
      delete_after_use_(source.delete_after_use) {}

void FolderIntake::run(std::stop_token stop) {
    while (!stop.stop_requested()) {
        for (auto const& name : watch_.wait(torn_.empty() ? 100ms : 20ms)) {
            std::erase_if(torn_, [&name](Torn const& torn) { return torn.name == name; }); // it has been written on: a new file
            if (read(name, false) == Read::torn) torn_.push_back({name, clock_.steady_s() + torn_retry_s_});
        }
        retry(false);
        link_.tell(watch_.there());
    }
    retry(true);
}

void FolderIntake::retry(bool stopping) {
    for (std::size_t waiting = torn_.size(); waiting > 0; --waiting) {
        Torn torn = std::move(torn_.front());
        torn_.pop_front();
        bool const last = stopping || clock_.steady_s() >= torn.until_s;
        if (read(torn.name, last) == Read::torn && !last) torn_.push_back(std::move(torn));
    }
}

FolderIntake::Read FolderIntake::read(std::string const& name, bool last_try) {
    auto const path = folder_ / name;
    auto const version = watch_.version(name);
    auto bytes = read_bytes(path, max_file_bytes_);
    bool const settled = version && version == watch_.version(name); // what was read is one version, and this one
    if (!bytes) {
        if (!last_try) return Read::torn;
        gate_.refuse(DecodeFault::truncated, name + ": gone before it could be read (does something else clear the folder?)");
        return Read::taken;
    }
    bool const too_large = bytes->size() > max_file_bytes_;
    std::optional<DecodeError> const torn = too_large ? std::nullopt : torn_by(*bytes);
    if ((torn || !settled) && !last_try) return Read::torn;
    if (settled) watch_.note(name, *version); // an event that tells of it later tells nothing new
    ++counters_.messages;
    counters_.bytes += bytes->size();
    try {
        if (too_large)
            throw DecodeError(DecodeFault::oversized, name + ": a file of more than " + std::to_string(max_file_bytes_) +
                                                          " bytes (source.max_image_MB) is it an image?");
        if (torn) throw *torn; // not to the decoder: so late, it would seem to begin a series
        std::string const head = nlohmann::json{{"htype", "pilatus-1.0"}, {"filename", name}, {"path", folder_.string()}}.dump(
            -1, ' ', false, nlohmann::json::error_handler_t::replace);
        auto const text = std::make_shared<std::string const>(head);
        auto const file = std::make_shared<std::vector<std::byte> const>(*std::move(bytes));
        std::vector<MessagePart> const parts{{std::as_bytes(std::span(*text)), text}, {*file, file}};
        if (auto decoded = decoder_->decode(parts)) gate_.take(std::move(*decoded));
        std::error_code ignored; // somebody else may clear the disk as well
        if (delete_after_use_ && fs::remove(path, ignored)) watch_.forget(name);
    } catch (DecodeError const& error) {
        gate_.refuse(error.fault(), name + ": " + error.what());
    }
    return Read::taken;
}

} // namespace sqd
