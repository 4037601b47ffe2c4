// The result that later ones are compared with.
#pragma once

#include "pipeline/core/comparison.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace sqd {

/// A reference as a restart finds it again.
struct ReferenceName {
    std::string uid, id;
    std::string file; ///< its name in the archive's directory, empty = not known
};

/// Finals of samples that may be chosen, and the one that was. Called from any thread.
class ReferenceBoard {
public:
    static constexpr std::size_t most_finals = 64;

    /// A final of a sample may be chosen from now on, until so many later ones were finished.
    void remember(std::shared_ptr<ComparedResult const> final);
    /// Chooses the final of that scan uid, else the newest of that id; null where there is none, then the one before stays.
    std::shared_ptr<ComparedResult const> choose_final(std::string const& scan);
    /// Chooses what need not be of this process. `file`: its name in the archive's directory.
    void choose(std::shared_ptr<ComparedResult const> reference, std::string file = "");
    /// Where the archive has the one that is chosen.
    void is_in(std::string file);
    void clear() { choose(nullptr); }
    /// Null = none.
    std::shared_ptr<ComparedResult const> current() const;
    /// nullopt = none.
    std::optional<ReferenceName> name() const;

private:
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<ComparedResult const>> finals_;
    std::shared_ptr<ComparedResult const> reference_;
    std::string file_; ///< of the reference
};

} // namespace sqd
