// The archive: one NeXus/HDF5 file per scan, whole or not there.
#pragma once

#include "pipeline/stream/result_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// The file of a result, as bytes: a pure function of its arguments, byte by byte. Built in memory, so that HDF5 never meets a full
/// disk: it cannot close a file then, and hides the reason. Throws IoError.
std::vector<std::byte> nexus_image(ReducedResult const& result, std::string const& effective_config, std::string const& detector_file = "");

/// Files of finals and aborted results; partials are not kept. Writing a result again changes nothing; a later result of the same scan
/// replaces the earlier one, an earlier one (of a replayed journal) does not replace a later.
class NexusArchive final : public ResultSink {
public:
    /// Touches no disk: the directory is made when the first file is written, and again when somebody removed it.
    /// `effective_config`: the text that a result's provenance.config_sha256 stands for. `detector_files`: as ServiceConfig has it.
    NexusArchive(std::filesystem::path directory, std::function<std::string(std::string const& sha256)> effective_config,
                 std::string detector_files = "");
    /// The same with one configuration for all.
    NexusArchive(std::filesystem::path directory, std::string effective_config, std::string detector_files = "");

    /// On disk, synced and in place when it returns. Throws IoError (output) with the file and the system's reason; then the file
    /// that was there before is still there.
    void write(ReducedResult const& result) override;

    /// In two steps, so that the first can be kept elsewhere meanwhile: the bytes, then the file of result number `result`.
    std::vector<std::byte> image(ReducedResult const& result) const;
    void put(std::string const& file, std::uint64_t result, std::span<std::byte const> image) const;

    /// What a crash left of a file that was being written.
    void remove_unfinished(std::string const& file) const;

    /// `<id>_<role>_<uid>.nxs`; what is not a letter, digit, `_`, `.` or `-` reads `_`.
    static std::string file_of(ScanIdentity const& scan);
    std::filesystem::path path_for(ScanIdentity const& scan) const;

private:
    std::filesystem::path directory_;
    std::function<std::string(std::string const&)> effective_config_;
    std::string detector_files_;
};

} // namespace sqd
