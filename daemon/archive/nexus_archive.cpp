// NexusArchive: which file, whether to write it, and how it becomes whole.
#include "daemon/archive/nexus_archive.hpp"

#include "daemon/archive/detector_file.hpp"
#include "daemon/archive/nexus_layout.hpp"
#include "daemon/durable_file.hpp"
#include "daemon/file_name.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace sqd {

namespace {

Hdf5Handle memory_file() {
    constexpr std::size_t growth = std::size_t{4} << 20;
    Hdf5Handle const access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make file properties");
    check_hdf5(H5Pset_fapl_core(access.id(), growth, false), "keep a file in memory");
    return Hdf5Handle(H5Fcreate("in_memory.nxs", H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose, "make a file in memory");
}

/// The result number in an archived file; nullopt when there is none that can be read.
std::optional<std::uint64_t> archived_result(std::filesystem::path const& path) {
    std::error_code unreachable;
    if (!std::filesystem::exists(path, unreachable)) return std::nullopt;
    try {
        Hdf5Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open");
        Hdf5Handle const field(H5Dopen2(file.id(), "/entry/provenance/result", H5P_DEFAULT), H5Dclose, "open");
        std::uint64_t number = 0;
        check_hdf5(H5Dread(field.id(), H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &number), "read");
        return number;
    } catch (IoError const&) {
        return std::nullopt;
    }
}

} // namespace

std::vector<std::byte> nexus_image(ReducedResult const& result, std::string const& effective_config, std::string const& detector_file) {
    silence_hdf5();
    Hdf5Handle const file = memory_file();
    write_nexus(NexusGroup(file.id()), result, effective_config, detector_file);
    check_hdf5(H5Fflush(file.id(), H5F_SCOPE_GLOBAL), "flush a file in memory");
    ssize_t const size = H5Fget_file_image(file.id(), nullptr, 0);
    check_hdf5(size, "measure a file in memory");
    std::vector<std::byte> image(static_cast<std::size_t>(size));
    check_hdf5(H5Fget_file_image(file.id(), image.data(), image.size()), "copy a file from memory");
    return image;
}

NexusArchive::NexusArchive(std::filesystem::path directory, std::function<std::string(std::string const&)> effective_config,
                           std::string detector_files)
    : directory_(std::move(directory)), effective_config_(std::move(effective_config)), detector_files_(std::move(detector_files)) {}

NexusArchive::NexusArchive(std::filesystem::path directory, std::string effective_config, std::string detector_files)
    : NexusArchive(
          std::move(directory), [text = std::move(effective_config)](std::string const& /*sha256*/) { return text; },
          std::move(detector_files)) {}

void NexusArchive::write(ReducedResult const& result) {
    if (result.state == ResultState::partial) return;
    put(file_of(result.scan), result.result, image(result));
}

std::vector<std::byte> NexusArchive::image(ReducedResult const& result) const {
    return nexus_image(result, effective_config_(result.provenance.config_sha256), detector_file(detector_files_, result.scan));
}

void NexusArchive::put(std::string const& file, std::uint64_t result, std::span<std::byte const> image) const {
    silence_hdf5();
    std::filesystem::path const path = directory_ / file;
    auto const kept = archived_result(path);
    if (kept && *kept >= result) return;
    try {
        require_directory(directory_);
        replace_file(path, image);
    } catch (IoError const& error) {
        throw IoError("cannot archive " + path.string() + ": " + error.what(), true);
    }
}

void NexusArchive::remove_unfinished(std::string const& file) const {
    std::error_code not_there;
    std::filesystem::remove(directory_ / (file + temporary_suffix), not_there);
}

std::string NexusArchive::file_of(ScanIdentity const& scan) {
    return file_name_part(scan.id) + "_" + name(scan.role) + "_" + file_name_part(scan.uid) + ".nxs";
}

std::filesystem::path NexusArchive::path_for(ScanIdentity const& scan) const {
    return directory_ / file_of(scan);
}

} // namespace sqd
