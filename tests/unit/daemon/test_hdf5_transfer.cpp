// More texts than a transfer converts at once.
#include "daemon/archive/nexus_group.hpp"
#include "daemon/hdf5_transfer.hpp"
#include "daemon/import/hdf5_table.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

using namespace sqd;

namespace {

Hdf5Handle file_in_memory() {
    Hdf5Handle const access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make a list");
    constexpr std::size_t step = 65536;
    H5Pset_fapl_core(access.id(), step, false);
    return {H5Fcreate("texts.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose, "make a file"};
}

} // namespace

TEST_CASE("texts come back as they were written, however many they are") {
    std::size_t const at_once = H5Pget_buffer(small_transfer().id(), nullptr, nullptr) / sizeof(char const*);
    CHECK(at_once < 1000); // a text should not cost a megabyte
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 5 * at_once + 1; ++i) texts.push_back("point " + std::string(i % 7, 'x') + std::to_string(i));
    Hdf5Handle const file = file_in_memory();
    NexusGroup const root(file.id());
    root.texts("many", texts);
    root.texts("one", {texts.front()});
    CHECK(find_texts(file.id(), "/many") == texts);
    CHECK(find_texts(file.id(), "/one") == std::vector{texts.front()});
}
