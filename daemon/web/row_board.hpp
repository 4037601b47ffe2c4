// The curves of the last results as rows, for a waterfall that begins before the page does.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// I(q), net of its background where there is one, and S(q) of samples: the newest `most_rows` of each, every n-th point of them so that
/// there are at most `most_columns`; 1.2 MB. Another axis begins anew. Put by the service's thread, asked by the web's; neither waits
/// longer than it takes to copy some pointers.
class RowBoard {
public:
    static constexpr std::size_t most_rows = 300, most_columns = 500;

    /// Takes what is a curve of a sample, leaves the rest.
    void add(WireMessage const& message);
    /// What a viewer gets (viewer_frame.hpp), `of` "I" or "S": schema sqd.rows/1.0, `results` [{uid, id, state, result, used, time}] oldest
    /// first, arrays q [1/A, column] and rows [row, column]. nullopt for another name.
    std::optional<std::string> frame(std::string const& of) const;

private:
    struct Row {
        Json result;
        std::vector<float> values;
    };
    struct Rows {
        std::vector<float> q;
        std::deque<std::shared_ptr<Row const>> rows;
    };

    mutable std::mutex mutex_;
    Rows intensity_, structure_;
};

} // namespace sqd
