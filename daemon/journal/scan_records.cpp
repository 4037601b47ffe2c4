#include "daemon/journal/scan_records.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace sqd {

namespace {

std::span<std::byte const> bytes_of(std::string const& text) {
    return std::as_bytes(std::span(text));
}

std::string text_of(std::vector<std::byte> const& bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

RecordPlace append_json(Journal& journal, RecordType type, Json const& said, RecordParts parts = {}) {
    std::string const text = to_text(said);
    parts.insert(parts.begin(), bytes_of(text));
    return journal.append(type, parts);
}

/// The first part of a record, which says what it is about; null for one that is damaged or says nothing.
Json said_in(Journal const& journal, RecordPlace const& place) {
    try {
        if (place.record.parts.empty()) return nullptr;
        Json json = Json::parse(text_of(journal.read(place, 0)), nullptr, false);
        return json.is_object() && json.contains("uid") && json["uid"].is_string() ? json : Json(nullptr);
    } catch (IoError const&) {
        return nullptr;
    }
}

ResultKey key_in(Json const& said) {
    return {said.at("uid").get<std::string>(), said.at("result").get<std::uint64_t>()};
}

/// A name that stays in the archive's directory.
bool is_plain_name(std::string const& file) {
    return !file.empty() && file.front() != '.' && file.find('/') == std::string::npos;
}

FinalMeta meta_in(Json const& said) {
    FinalMeta meta{key_in(said), said.at("id").get<std::string>(), said.at("role").get<std::string>(), said.at("state").get<std::string>(),
                   said.at("file").get<std::string>()};
    if (!is_plain_name(meta.file)) throw IoError("a final names the file '" + meta.file + "' (it leads out of the archive)", false);
    return meta;
}

ScanEnd end_in(Json const& said) {
    return {said.at("uid").get<std::string>(), said.at("id").get<std::string>(), said.at("reason").get<std::string>(),
            said.at("frames").get<std::uint64_t>(), said.at("request").get<std::string>()};
}

/// Puts together what the records say, in their order.
class Reading {
public:
    explicit Reading(Journal const& journal) : journal_(journal) {}

    void operator()(RecordPlace const& place) {
        ++contents_.records;
        Json const said = said_in(journal_, place);
        try {
            if (said.is_null()) throw IoError("it says nothing", false);
            take(place, said);
        } catch (std::exception const&) { // a key that is not there, or of another kind
            ++contents_.damaged;
        }
    }
    JournalContents finish() {
        auto& ended = contents_.ended;
        if (ended.size() > JournalContents::most_ended) ended.erase(ended.begin(), ended.end() - JournalContents::most_ended);
        std::vector<std::pair<std::string, RecordPlace>> open(open_.begin(), open_.end());
        std::sort(open.begin(), open.end(),
                  [](auto const& a, auto const& b) { return a.second.record.sequence < b.second.record.sequence; });
        for (auto const& [uid, place] : open) {
            try {
                auto const end = ended_.find(uid);
                contents_.interrupted.push_back({uid, place.record.parts.size() > 1 ? journal_.read(place, 1) : std::vector<std::byte>{},
                                                 end == ended_.end() ? std::nullopt : std::optional(end->second)});
                contents_.interrupted_in.emplace_back(uid, place.segment);
            } catch (IoError const&) {
                ++contents_.damaged;
            }
        }
        return std::move(contents_);
    }

private:
    void take(RecordPlace const& place, Json const& said) {
        switch (place.record.type) {
        case RecordType::start:
            open_.insert_or_assign(said["uid"].get<std::string>(), place);
            if (said.contains("announcement")) contents_.announcements.insert(said["announcement"].get<std::string>());
            return;
        case RecordType::final: return take_final(place, meta_in(said));
        case RecordType::archived:
            if (auto const found = by_key_.find(key_in(said)); found != by_key_.end()) contents_.finals[found->second].archived = true;
            return;
        case RecordType::closed: open_.erase(said["uid"].get<std::string>()); return;
        case RecordType::ended: return take_ended(end_in(said));
        }
    }
    void take_final(RecordPlace const& place, FinalMeta meta) {
        open_.erase(meta.key.uid);
        auto const [found, fresh] = by_key_.try_emplace(meta.key, contents_.finals.size());
        if (fresh) contents_.finals.push_back({std::move(meta), place});
    }

    /// The first one counts: a later start of the program writes it again.
    void take_ended(ScanEnd end) {
        auto const [found, fresh] = ended_.try_emplace(end.uid, end);
        if (fresh) contents_.ended.push_back(std::move(end));
    }

    Journal const& journal_;
    JournalContents contents_;
    std::map<std::string, RecordPlace> open_;
    std::map<std::string, ScanEnd> ended_;
    std::map<ResultKey, std::size_t> by_key_;
};

} // namespace

std::uint64_t size_of(std::vector<WireMessage> const& messages) {
    constexpr std::uint64_t of_a_header = 4096; // of a tree of JSON, whatever it says
    std::uint64_t bytes = 0;
    for (auto const& message : messages) {
        bytes += of_a_header;
        for (auto const& array : message.arrays) bytes += array.size();
    }
    return bytes;
}

std::uint64_t size_of(FinalRecord const& final) {
    return (final.image ? final.image->size() : 0) + (final.messages ? size_of(*final.messages) : 0);
}

RecordPlace append_start(Journal& journal, std::string const& uid, std::span<std::byte const> state, std::string const& announcement) {
    Json said = {{"uid", uid}};
    if (!announcement.empty()) said["announcement"] = announcement;
    return append_json(journal, RecordType::start, said, {state});
}

RecordPlace append_final(Journal& journal, FinalRecord const& final) {
    FinalMeta const& meta = final.meta;
    Json said = {{"uid", meta.key.uid}, {"result", meta.key.result}, {"id", meta.id},
                 {"role", meta.role},   {"state", meta.state},       {"file", meta.file}};
    said["arrays"] = Json::array();
    RecordParts parts{*final.image};
    std::deque<std::string> headers; // they stay where they are while more come
    for (auto const& message : *final.messages) {
        said["arrays"].push_back(message.arrays.size());
        parts.push_back(bytes_of(message.topic));
        parts.push_back(bytes_of(headers.emplace_back(to_text(message.header))));
        for (auto const& array : message.arrays) parts.push_back(bytes_of(array));
    }
    return append_json(journal, RecordType::final, said, std::move(parts));
}

RecordPlace append_archived(Journal& journal, ResultKey const& key) {
    return append_json(journal, RecordType::archived, {{"uid", key.uid}, {"result", key.result}});
}

RecordPlace append_closed(Journal& journal, std::string const& uid) {
    return append_json(journal, RecordType::closed, {{"uid", uid}});
}

RecordPlace append_ended(Journal& journal, ScanEnd const& end) {
    return append_json(journal, RecordType::ended,
                       {{"uid", end.uid}, {"id", end.id}, {"reason", end.reason}, {"frames", end.frames}, {"request", end.request}});
}

FileBytes read_image(Journal const& journal, RecordPlace const& place) {
    return std::make_shared<std::vector<std::byte> const>(journal.read(place, 1));
}

Messages read_messages(Journal const& journal, RecordPlace const& place) {
    auto messages = std::make_shared<std::vector<WireMessage>>();
    Json const said = said_in(journal, place);
    std::size_t part = 2;
    try {
        for (Json const& arrays : said.at("arrays")) {
            WireMessage message{text_of(journal.read(place, part)), Json::parse(text_of(journal.read(place, part + 1))), {}};
            part += 2;
            for (auto left = arrays.get<std::size_t>(); left > 0; --left) message.arrays.push_back(text_of(journal.read(place, part++)));
            messages->push_back(std::move(message));
        }
    } catch (std::exception const& error) { // a part that is not there, a text that is no JSON
        throw IoError(std::string("a final's messages cannot be read (") + error.what() + ")", false);
    }
    return messages;
}

JournalContents read_contents(Journal const& journal) {
    Reading read(journal);
    std::uint64_t damaged_bytes = 0;
    for (auto const& segment : journal.found()) {
        damaged_bytes += segment.scan.damaged_bytes;
        for (auto const& record : segment.scan.records) read({segment.number, record});
    }
    JournalContents contents = read.finish();
    contents.damaged_bytes = damaged_bytes;
    return contents;
}

} // namespace sqd
