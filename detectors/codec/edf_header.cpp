// Keys, then what they say of the pixels.
#include "detectors/codec/edf_header.hpp"

#include "detectors/codec/excerpt.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace sqd {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view strip(std::string_view text) {
    auto const first = text.find_first_not_of(blanks);
    return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The text between { and the } that ends a line, and where what comes after it begins.
std::string_view header_text(std::string_view bytes, std::size_t& offset) {
    auto const begin = bytes.find_first_not_of(blanks);
    if (begin == bytes.npos || bytes[begin] != '{') throw DataError("not an EDF file (no header between { and })");
    auto const end = bytes.substr(0, longest_edf_header).find("}\n", begin);
    if (end == bytes.npos) throw DataError("the EDF header has no end (no line ends in })");
    offset = end + 2;
    return bytes.substr(begin + 1, end - begin - 1);
}

std::map<std::string, std::string> values_of(std::string_view text) {
    std::map<std::string, std::string> values;
    while (!text.empty()) {
        auto const entry = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(text.size(), entry.size() + 1));
        auto const equals = entry.find('=');
        if (equals == entry.npos) continue;
        values[lower(strip(entry.substr(0, equals)))] = strip(entry.substr(equals + 1));
    }
    return values;
}

/// A type's name in lower case.
struct NamedType {
    char const* name;
    std::size_t bytes;
    bool is_signed, is_real;
};

constexpr std::array types{
    NamedType{"unsignedbyte", 1, false, false},
    NamedType{"unsigned8", 1, false, false},
    NamedType{"signedbyte", 1, true, false},
    NamedType{"signed8", 1, true, false},
    NamedType{"unsignedshort", 2, false, false},
    NamedType{"unsigned16", 2, false, false},
    NamedType{"unsignedshortinteger", 2, false, false},
    NamedType{"signedshort", 2, true, false},
    NamedType{"signed16", 2, true, false},
    NamedType{"unsignedinteger", 4, false, false},
    NamedType{"unsigned32", 4, false, false},
    NamedType{"unsignedlong", 4, false, false},
    NamedType{"signedinteger", 4, true, false},
    NamedType{"signed32", 4, true, false},
    NamedType{"signedlong", 4, true, false},
    NamedType{"unsigned64", 8, false, false},
    NamedType{"signed64", 8, true, false},
    NamedType{"float", 4, true, true},
    NamedType{"floatvalue", 4, true, true},
    NamedType{"float32", 4, true, true},
    NamedType{"floatieee32", 4, true, true},
    NamedType{"double", 8, true, true},
    NamedType{"doublevalue", 8, true, true},
    NamedType{"float64", 8, true, true},
    NamedType{"floatieee64", 8, true, true},
    NamedType{"doubleieee64", 8, true, true},
};

class Values {
public:
    explicit Values(std::map<std::string, std::string> const& values) : values_(values) {}
    std::string_view text(std::string const& key) const {
        auto const found = values_.find(key);
        return found == values_.end() ? std::string_view{} : std::string_view(found->second);
    }
    /// 0 where the key is absent.
    std::size_t number(std::string const& key) const {
        constexpr std::size_t longest = 12;
        auto const digits = text(key);
        if (digits.empty()) return 0;
        if (digits.size() > longest || digits.find_first_not_of("0123456789") != digits.npos)
            throw DataError("EDF key '" + key + "' is '" + excerpt(digits) + "' (no whole number)");
        return std::stoul(std::string(digits));
    }
    std::size_t required(std::string const& key) const {
        if (text(key).empty()) throw DataError("EDF header has no whole number '" + key + "' (needed to find the pixels)");
        return number(key);
    }

private:
    std::map<std::string, std::string> const& values_;
};

} // namespace

EdfHeader parse_edf_header(std::string_view bytes) {
    EdfHeader header;
    header.values = values_of(header_text(bytes, header.offset));
    Values const values(header.values);
    if (auto const compression = lower(values.text("compression")); !compression.empty() && compression != "none")
        throw DataError("EDF compression '" + excerpt(compression) + "' (only uncompressed images are read)");
    if (values.number("dim_3") > 1)
        throw DataError("EDF volume of " + std::to_string(values.number("dim_3")) + " images (images are read)");
    header.cols = values.required("dim_1");
    header.rows = values.required("dim_2");
    auto const type = std::ranges::find(types, lower(values.text("datatype")), &NamedType::name);
    if (type == types.end()) throw DataError("EDF data type '" + excerpt(values.text("datatype")) + "' (not one of the numeric types)");
    header.bytes = type->bytes;
    header.is_signed = type->is_signed;
    header.is_real = type->is_real;
    header.big_endian = lower(values.text("byteorder")) == "highbytefirst";
    header.stated_bytes = std::max(values.number("edf_binarysize"), values.number("size"));
    return header;
}

} // namespace sqd
