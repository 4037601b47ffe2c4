// The result that later ones are compared with. In memory: gone after a restart.
#pragma once

#include "pipeline/core/comparison.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace sqd {

/// Finals of samples that may be chosen, and the one that was. Called from any thread.
class ReferenceBoard {
public:
    static constexpr std::size_t most_finals = 64;

    /// A final of a sample may be chosen from now on, until so many later ones were finished.
    void remember(std::shared_ptr<ComparedResult const> final);
    /// Chooses the final of that scan uid, else the newest of that id; null where there is none, then the one before stays.
    std::shared_ptr<ComparedResult const> choose_final(std::string const& scan);
    /// Chooses what need not be of this process.
    void choose(std::shared_ptr<ComparedResult const> reference);
    void clear() { choose(nullptr); }
    /// Null = none.
    std::shared_ptr<ComparedResult const> current() const;

private:
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<ComparedResult const>> finals_;
    std::shared_ptr<ComparedResult const> reference_;
};

} // namespace sqd
