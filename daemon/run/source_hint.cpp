#include "daemon/run/source_hint.hpp"

#include "daemon/import/message_series.hpp"

namespace sqd {

std::string hint_of(std::vector<MessagePart> const& parts, std::string const& kind) {
    std::string told;
    try {
        told = protocol_of(parts);
    } catch (DecodeError const&) { // no protocol's
    }
    if (!told.empty() && told != kind)
        return " (it looks like " + told + ", source.kind is " + kind + ") set source.kind to " + told + ", or the detector's stream to " +
               kind;
    return " (source.kind is " + kind + ") look what is connected there and which stream it sends";
}

} // namespace sqd
