// The table of fuzz targets: what reads bytes from outside, by name.
#pragma once

#include "tests/fuzz/fuzzing.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sqd::fuzz {

/// One reader of foreign bytes. `run` throws where a promise is broken or anything but the reader's own error type comes out.
struct Target {
    std::string name;
    std::size_t longest; ///< input that is worth trying [bytes]
    bool multipart;      ///< the input is laid out as message_parts.hpp says
    std::function<void(Bytes)> run;
};

/// All targets: one per protocol of decoder_table(), under its name, then the codecs and texts.
std::vector<Target> const& targets();
/// Null for a name that no target has.
Target const* find_target(std::string const& name);

void run_messages(std::string const& kind, Bytes input);
void run_bslz4(Bytes input);
void run_framed_lz4(Bytes input);
void run_lz4(Bytes input);
void run_raw(Bytes input);
void run_cbf(Bytes input);
void run_cbor(Bytes input);
void run_journal(Bytes input);
void run_saved_state(Bytes input);
void run_npy(Bytes input);
void run_edf(Bytes input);
void run_fit2d_mask(Bytes input);
void run_poni(Bytes input);
void run_integration_json(Bytes input);
void run_announcement(Bytes input);
void run_yaml(Bytes input);
void run_client_list(Bytes input);
void run_zap(Bytes input);

} // namespace sqd::fuzz
