// The table of protocols.
#include "detectors/registry.hpp"

#include "detectors/array_stream/decoder.hpp"
#include "detectors/dectris_stream1/decoder.hpp"
#include "detectors/dectris_stream2/decoder.hpp"
#include "detectors/pilatus_stream/decoder.hpp"
#include "pipeline/core/errors.hpp"

namespace sqd {

std::vector<DecoderEntry> const& decoder_table() {
    static std::vector<DecoderEntry> const table{
        {"dectris_stream1", "DECTRIS SIMPLON Stream V1 (EIGER, EIGER2), format legacy", Transport::pull, false, make_dectris_stream1},
        {"dectris_stream2", "DECTRIS Stream V2 (EIGER2, PILATUS4), format cbor", Transport::pull, true, make_dectris_stream2},
        {"pilatus_stream", "PILATUS behind MAX IV's pilatus-streamer or streaming-receiver", Transport::pull, true, make_pilatus_stream},
        {"array_stream", "PSI array-1.0 and pilatus-1.0, from areaDetector's ADZMQ for example, by PUB or PUSH", Transport::sub, false,
         make_array_stream},
        // Its files become array messages: daemon/run/folder_intake.cpp.
        {"cbf_folder", "CBF files that camserver writes into a folder", Transport::folder, false, make_array_stream},
    };
    return table;
}

std::unique_ptr<Decoder> make_decoder(std::string const& kind, DecoderOptions const& options) {
    std::string known;
    for (auto const& entry : decoder_table()) {
        if (kind == entry.kind) return entry.make(options);
        known += (known.empty() ? "" : ", ") + std::string(entry.kind);
    }
    throw ConfigError("no detector protocol '" + kind + "' (known: " + known + ")");
}

} // namespace sqd
