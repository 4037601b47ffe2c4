// A group of an archive file, of which fields are read.
#pragma once

#include "daemon/import/hdf5_field.hpp"
#include "daemon/import/hdf5_table.hpp"
#include "pipeline/core/errors.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// Names are those below the group. What is missing is empty, NaN or 0, as each function says; what is there and does not fit throws
/// DecodeError (corrupt).
struct ArchiveGroup {
    hid_t file;
    std::string group;

    ArchiveGroup inside(std::string const& name) const { return {file, group + "/" + name}; }
    bool there() const { return has_object(file, group); }
    bool has(std::string const& name) const { return has_object(file, group + "/" + name); }
    std::string text(std::string const& name) const { return find_text(file, group + "/" + name).value_or(""); }
    std::vector<std::string> texts(std::string const& name) const {
        return find_texts(file, group + "/" + name).value_or(std::vector<std::string>{});
    }
    /// NaN where there is none.
    double number(std::string const& name) const { return find_real(file, group + "/" + name).value_or(std::nan("")); }
    /// 0 where there is none: of a part that was never apart.
    double part(std::string const& name) const { return find_real(file, group + "/" + name).value_or(0); }
    std::optional<double> number_if_any(std::string const& name) const { return find_real(file, group + "/" + name); }
    std::uint64_t count(std::string const& name) const { return find_count(file, group + "/" + name).value_or(0); }
    bool flag(std::string const& name) const { return find_flag(file, group + "/" + name).value_or(false); }
    std::vector<double> values(std::string const& name, std::size_t size) const {
        auto found = find_reals(file, group + "/" + name);
        if (!found || found->size() != size)
            throw DecodeError(DecodeFault::corrupt,
                              group + "/" + name + ": not the " + std::to_string(size) + " numbers that belong there");
        return std::move(*found);
    }
    /// Empty where there are none.
    std::vector<double> values_or_none(std::string const& name, std::size_t size) const {
        auto const found = find_reals(file, group + "/" + name);
        return !found || found->empty() ? std::vector<double>{} : values(name, size);
    }
    std::vector<double> axis(std::string const& name) const {
        auto found = find_reals(file, group + "/" + name);
        if (!found || found->empty()) throw DecodeError(DecodeFault::corrupt, group + "/" + name + ": no numbers");
        return std::move(*found);
    }
    std::vector<double> axis_or_none(std::string const& name) const {
        return find_reals(file, group + "/" + name).value_or(std::vector<double>{});
    }
};

} // namespace sqd
