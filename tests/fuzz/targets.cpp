// The table of fuzz targets.
#include "tests/fuzz/targets.hpp"

#include "detectors/registry.hpp"

#include <algorithm>

namespace sqd::fuzz {

namespace {

constexpr std::size_t longest_message = 32768, longest_image = 16384, longest_text = 4096;

std::vector<Target> make_targets() {
    std::vector<Target> all;
    for (auto const& entry : decoder_table()) {
        std::string const kind = entry.kind;
        all.push_back({kind, longest_message, true, [kind](Bytes input) { run_messages(kind, input); }});
    }
    all.push_back({"bslz4", longest_image, false, run_bslz4});
    all.push_back({"framed_lz4", longest_image, false, run_framed_lz4});
    all.push_back({"lz4", longest_image, false, run_lz4});
    all.push_back({"raw", longest_image, false, run_raw});
    all.push_back({"cbf", longest_image, false, run_cbf});
    all.push_back({"cbor", longest_image, false, run_cbor});
    all.push_back({"journal", longest_text, false, run_journal});
    all.push_back({"saved_state", longest_image, false, run_saved_state});
    all.push_back({"npy", longest_text, false, run_npy});
    all.push_back({"edf", longest_text, false, run_edf});
    all.push_back({"fit2d_mask", longest_text, false, run_fit2d_mask});
    all.push_back({"poni", longest_text, false, run_poni});
    all.push_back({"integration_json", longest_text, false, run_integration_json});
    all.push_back({"announcement", longest_text, false, run_announcement});
    all.push_back({"yaml", longest_text, false, run_yaml});
    all.push_back({"client_list", longest_text, false, run_client_list});
    all.push_back({"zap", longest_text, false, run_zap});
    return all;
}

} // namespace

std::vector<Target> const& targets() {
    static std::vector<Target> const all = make_targets();
    return all;
}

Target const* find_target(std::string const& name) {
    auto const found = std::find_if(targets().begin(), targets().end(), [&name](Target const& target) { return target.name == name; });
    return found == targets().end() ? nullptr : &*found;
}

} // namespace sqd::fuzz
