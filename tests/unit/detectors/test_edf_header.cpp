#include "detectors/codec/edf_header.hpp"

#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sqd;

namespace {

std::string header(std::string const& more = "", std::string const& type = "UnsignedShort") {
    return "{\nHeaderID = EH:000001:000000:000000 ;\nDataType = " + type + " ;\nDim_1 = 3 ;\nDim_2 = 2 ;\n" + more + "}\n";
}

std::string refusal(std::string const& bytes) {
    try {
        parse_edf_header(bytes);
    } catch (DataError const& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("an EDF header says shape, type, byte order and where the pixels begin") {
    auto const text = header("ByteOrder = HighByteFirst ;\nacq_expo_time = 0.1 ;\nEDF_BinarySize = 12 ;\n");
    auto const parsed = parse_edf_header(text + "pixels with a }\n");
    CHECK(parsed.rows == 2);
    CHECK(parsed.cols == 3);
    CHECK(parsed.bytes == 2);
    CHECK_FALSE(parsed.is_signed);
    CHECK_FALSE(parsed.is_real);
    CHECK(parsed.big_endian);
    CHECK(parsed.offset == text.size());
    CHECK(parsed.stated_bytes == 12);
    CHECK(parsed.values.at("acq_expo_time") == "0.1");
}

TEST_CASE("EDF types go by many names, in any mixture of cases") {
    CHECK(parse_edf_header(header("", "SIGNEDINTEGER")).is_signed);
    CHECK(parse_edf_header(header("", "SignedLong")).bytes == 4);
    CHECK(parse_edf_header(header("", "Unsigned64")).bytes == 8);
    CHECK(parse_edf_header(header("", "FloatValue")).is_real);
    CHECK(parse_edf_header(header("", "DoubleIEEE64")).bytes == 8);
}

TEST_CASE("an EDF header that cannot be used says why") {
    CHECK(refusal("").find("not an EDF file") == 0);
    CHECK(refusal("{\nDim_1 = 3 ;\n").find("no end") != std::string::npos);
    CHECK(refusal("{" + std::string(longest_edf_header, ' ') + "}\n").find("no end") != std::string::npos);
    CHECK(refusal("{\nDataType = FloatValue ;\nDim_1 = 3 ;\n}\n").find("dim_2") != std::string::npos);
    CHECK(refusal(header("", "Text")).find("'Text'") != std::string::npos);
    CHECK(refusal(header("Dim_3 = 7 ;\n")).find("volume of 7") != std::string::npos);
    CHECK(refusal(header("Compression = GZip ;\n")).find("compression") != std::string::npos);
    CHECK(refusal(header("Size = 99999999999999999999 ;\n")).find("no whole number") != std::string::npos);
    CHECK(refusal(header("Dim_3 = -1 ;\n")).find("no whole number") != std::string::npos);
}
