#include "daemon/web/row_board.hpp"

#include "daemon/web/viewer_frame.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <utility>

namespace sqd {
namespace {

/// Every n-th number of an array of a message; empty where there is none of these names.
std::vector<float> thinned(WireMessage const& message, std::initializer_list<char const*> names) {
    Json const& entries = message.header.at("arrays");
    for (char const* name : names) {
        for (std::size_t i = 0; i < entries.size() && i < message.arrays.size(); ++i) {
            if (entries[i].value("name", "") != name) continue;
            std::string const& bytes = message.arrays[i];
            std::size_t const points = bytes.size() / sizeof(double), columns = std::min(points, RowBoard::most_columns);
            std::vector<float> out(columns);
            for (std::size_t c = 0; c < columns; ++c) {
                double value = 0;
                std::memcpy(&value, bytes.data() + c * points / columns * sizeof value, sizeof value);
                out[c] = static_cast<float>(value);
            }
            return out;
        }
    }
    return {};
}

void append(std::string& out, std::vector<float> const& values) {
    if (!values.empty()) out.append(reinterpret_cast<char const*>(values.data()), values.size() * sizeof(float));
}

Json array_json(char const* name, char const* unit, std::vector<std::size_t> const& shape) {
    return {{"name", name}, {"unit", unit}, {"dtype", "<f4"}, {"shape", shape}};
}

} // namespace

void RowBoard::add(WireMessage const& message) {
    Json const nothing = Json::object(), &header = message.header;
    std::string const schema = header.value("schema", "");
    bool const pattern = schema == "sqd.pattern/1.0", structure = schema == "sqd.sq/1.0";
    Json const scan = header.value("scan", nothing);
    if ((!pattern && !structure) || scan.value("role", "") != "sample") return;
    auto q = thinned(message, {"q"});
    auto values = pattern ? thinned(message, {"net", "I"}) : thinned(message, {"S"});
    if (q.empty() || values.size() != q.size()) return;
    Json result = {{"uid", scan.value("uid", "")},
                   {"id", scan.value("id", "")},
                   {"state", header.value("state", "")},
                   {"result", header.value("result", std::uint64_t{0})},
                   {"used", header.value("frames", nothing).value("used", std::uint64_t{0})},
                   {"time", header.value("time", nothing).value("published", "")}};
    auto row = std::make_shared<Row const>(Row{std::move(result), std::move(values)});
    std::deque<std::shared_ptr<Row const>> over; // let go of outside the lock
    std::lock_guard const lock(mutex_);
    Rows& board = pattern ? intensity_ : structure_;
    if (board.q != q) {
        over.swap(board.rows);
        board.q = std::move(q);
    }
    board.rows.push_back(std::move(row));
    if (board.rows.size() > most_rows) board.rows.pop_front();
}

std::optional<std::string> RowBoard::frame(std::string const& of) const {
    if (of != "I" && of != "S") return std::nullopt;
    Rows board;
    {
        std::lock_guard const lock(mutex_);
        board = of == "I" ? intensity_ : structure_;
    }
    Json header = {{"schema", "sqd.rows/1.0"}, {"of", of}, {"results", Json::array()}};
    for (auto const& row : board.rows) header["results"].push_back(row->result);
    header["arrays"] = {array_json("q", "1/angstrom", {board.q.size()}), array_json("rows", "", {board.rows.size(), board.q.size()})};
    std::string out = frame_head(header);
    append(out, board.q);
    for (auto const& row : board.rows) append(out, row->values);
    return out;
}

} // namespace sqd
