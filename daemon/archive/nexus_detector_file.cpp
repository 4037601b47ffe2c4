// The link to the detector's own file.
#include "daemon/archive/nexus_layout.hpp"

#include <filesystem>

namespace sqd {

void write_detector_file(NexusGroup const& entry, std::string const& path) {
    NexusGroup const group = entry.group("detector_file", "NXcollection");
    group.text("path", path);
    auto const ending = std::filesystem::path(path).extension();
    if (ending == ".h5" || ending == ".hdf5" || ending == ".nxs") group.link("entry", path, "/entry");
}

} // namespace sqd
