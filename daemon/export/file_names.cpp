#include "daemon/export/file_names.hpp"

#include "daemon/export/number_text.hpp"
#include "daemon/file_name.hpp"
#include "daemon/publish/result_message.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>

namespace sqd {

namespace {

/// Digits alone, from "2026-11-26T10:15:30.000Z".
std::string digits(std::string text) {
    std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
    return text;
}

std::string known(std::map<std::string, std::string> const& fields) {
    std::string out;
    for (auto const& [name, value] : fields) out += (out.empty() ? "{" : ", {") + name + "}";
    return out;
}

} // namespace

std::map<std::string, std::string> name_fields(ReducedResult const& result, std::filesystem::path const& archive) {
    std::map<std::string, std::string> fields;
    for (auto const& [name, value] : result.scan.parameters) fields[name] = shortest(value);
    std::string const begun = result.time.first_frame_ns == 0 ? "" : iso_time(result.time.first_frame_ns);
    constexpr std::size_t date_length = 10, clock_length = 8;
    fields["sample"] = result.scan.id, fields["scan"] = archive.stem().string(), fields["uid"] = result.scan.uid;
    fields["role"] = name(result.scan.role), fields["mount"] = result.scan.mount, fields["result"] = std::to_string(result.result);
    fields["date"] = digits(begun.substr(0, date_length));
    fields["time"] = begun.empty() ? "" : digits(begun.substr(date_length + 1, clock_length));
    return fields;
}

std::string filled_name(std::string const& pattern, std::map<std::string, std::string> const& fields) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        std::size_t const open = pattern.find('{', at), close = open == pattern.npos ? open : pattern.find('}', open);
        out += pattern.substr(at, open - at);
        if (open == pattern.npos) break;
        if (close == pattern.npos) throw DataError(pattern + ": a brace is not closed (fields are written {sample}) close it");
        std::string const name = pattern.substr(open + 1, close - open - 1);
        auto const field = fields.find(name);
        if (field == fields.end()) throw DataError("{" + name + "}: no such field (there are " + known(fields) + ") write one of these");
        out += field->second;
        at = close + 1;
    }
    return file_name_part(out);
}

} // namespace sqd
