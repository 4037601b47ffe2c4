// A group of a NeXus file and what is put into one: text, numbers, curves, tables, attributes, links.
#pragma once

#include "daemon/hdf5_handle.hpp"
#include "pipeline/core/image.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sqd {

/// How a field is shown: its unit ("" = dimensionless, then no attribute) and the words on a plot's axis.
struct FieldLabel {
    std::string unit, long_name;
};

/// One HDF5 group with its NX_class. Nothing it writes carries a time of its own, so that the same content gives the same bytes.
/// Every function throws IoError naming the field.
class NexusGroup {
public:
    /// The root group of an open file.
    explicit NexusGroup(hid_t file);

    NexusGroup group(std::string const& name, std::string const& nx_class) const;

    void text(std::string const& name, std::string const& value) const;
    void texts(std::string const& name, std::vector<std::string> const& values) const;
    void number(std::string const& name, double value, FieldLabel const& label = {}) const;
    void integer(std::string const& name, std::int64_t value) const;
    void count(std::string const& name, std::uint64_t value) const;
    void flag(std::string const& name, bool value) const;
    void values(std::string const& name, std::vector<double> const& values, FieldLabel const& label = {}) const;
    void counts(std::string const& name, std::vector<std::uint64_t> const& values, FieldLabel const& label = {}) const;
    /// Rows of two, shape [pairs, 2].
    void pairs(std::string const& name, std::vector<std::pair<std::uint64_t, std::uint64_t>> const& values) const;
    /// Shape [rows, cols], in chunks of whole rows, shuffled and deflated.
    void table(std::string const& name, Image<std::uint32_t> const& values, FieldLabel const& label = {}) const;
    void table(std::string const& name, Image<std::uint64_t> const& values, FieldLabel const& label = {}) const;

    /// The same of an image.
    void table(std::string const& name, Image<double> const& values, FieldLabel const& label = {}) const;

    void attribute(std::string const& name, std::string const& value) const;
    void attribute(std::string const& name, std::vector<std::string> const& values) const;
    /// Soft link to an absolute path in the same file.
    void link(std::string const& name, std::string const& target) const;

private:
    explicit NexusGroup(Hdf5Handle group);
    Hdf5Handle group_;
};

} // namespace sqd
