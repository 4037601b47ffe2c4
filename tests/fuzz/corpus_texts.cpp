// Texts: announcements, geometry, configuration; image headers and masks.
#include "tests/fuzz/corpus.hpp"
#include "tests/support/source_root.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sqd::fuzz {

namespace {

Part bytes_of(std::string const& text) {
    auto const bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::string npy(std::string dictionary, std::string const& numbers, char version = 1) {
    dictionary += '\n';
    std::string text = "\x93NUMPY";
    text += version;
    text += '\0';
    for (unsigned i = 0; i < (version == 1 ? 2u : 4u); ++i) text += static_cast<char>(dictionary.size() >> 8 * i & 0xFF);
    return text + dictionary + numbers;
}

void add_masks(std::vector<Seed>& out) {
    std::string const six("\0\1\0\0\1\1", 6), doubles(48, '\0');
    out.push_back({"npy", bytes_of(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", six))});
    out.push_back({"npy", bytes_of(npy("{'descr': '|b1', 'fortran_order': True, 'shape': (3, 2), }", six, 2))});
    out.push_back({"npy", bytes_of(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", doubles, 3))});
    out.push_back({"npy", bytes_of(npy("{'descr': '>i4', 'fortran_order': False, 'shape': (6,), }", doubles))});
    for (auto const* const type : {"UnsignedByte", "SignedInteger", "FloatValue", "DoubleValue"})
        out.push_back({"edf", bytes_of("{\nHeaderID = EH:000001:000000:000000 ;\nByteOrder = LowByteFirst ;\nDataType = " +
                                       std::string(type) + " ;\nDim_1 = 3 ;\nDim_2 = 2 ;\nSize = 48 ;\n}\n" + doubles)});
    out.push_back(
        {"edf", bytes_of("{ ByteOrder = HighByteFirst; DataType = Unsigned64; Dim_1 = 2; Dim_2 = 1; Compression = None; }\n" + doubles)});
}

/// 3 rows of 33 pixels: two words each.
void add_fit2d_mask(std::vector<Seed>& out) {
    constexpr std::size_t header = 1024, words = 6;
    std::string file(header + 4 * words, '\0');
    for (std::size_t i = 0; i < 4; ++i) file[4 * i] = "MASK"[i];
    file[16] = 33;
    file[20] = 3;
    file[header] = '\x81';
    file[header + 12] = 1;
    out.push_back({"fit2d_mask", bytes_of(file)});
}

void add_texts(std::vector<Seed>& out) {
    auto const announced = [&](char flags, std::string const& text) { out.push_back({"announcement", bytes_of(flags + text)}); };
    announced('1', R"({"role":"sample","name":"vit4_643K","mount":"m1","points":6,"grid":[2,3],"pitch_um":[5,5],"snake":true,)"
                   R"("monitor":[1,2,3,4,5,6],"attenuation":0.5,"parameters":{"P_comp":3.5,"T_comp":643}})");
    announced('1', R"({"role":"background","monitor":12.5})");
    announced('1', R"({"sample":{"composition":"Zr46.8Ti8.2(Cu7.5Ni10)2Be27.5","density_g_cm3":6.0,"thickness_um":30,)"
                   R"("thickness_sigma_um":2,"transmission":0.418}})");
    announced('0', R"({"filename":"","rotate":0,"name":"x\u00e9"})");
    out.push_back({"poni", bytes_of("# Nota: C-Order, 1 refers to the Y axis\nPixelSize1: 7.5e-05\nPixelSize2: 7.5e-05\nDistance: 0.0816\n"
                                    "Poni1: 0.0045\nPoni2: 0.0776\nRot1: 0.0\nRot2: 0.0\nRot3: 0.0\nWavelength: 9.537e-11\n")});
    out.push_back(
        {"poni", bytes_of("poni_version: 2.1\nDetector: Detector\nDetector_config: {\"pixel1\": 0.000172, \"pixel2\": 0.000172, "
                          "\"max_shape\": [1679, 1475], \"orientation\": 3}\nDistance: 0.145\nPoni1: 0.1\nPoni2: 0.1\nparallax: False\n")});
    out.push_back(
        {"integration_json", bytes_of(R"({"version":3,"dist":0.1,"poni1":0,"poni2":1e-2,"rot1":0.1,"rot2":0,"rot3":0,"wavelength":1e-10,)"
                                      R"("detector":"Eiger4M","detector_config":{},"do_mask":false,"mask_file":"a.edf"})")});
    out.push_back(
        {"integration_json", bytes_of(R"({"version":5,"poni":{"poni_version":2.1,"dist":0.1,"poni1":0,"poni2":0,"detector":"Detector",)"
                                      R"("detector_config":{"orientation":4,"sensor":{"material":"Si","thickness":4.5e-4}}}})")});
    out.push_back({"yaml", bytes_of("a: [1, 2.5, 'x', {b: c}]\n\"d\": |\n  text\n  more\ne: null\nf:\n  - 1\n  - {g: \"\\u00e9\"}\n")});
    out.push_back({"yaml", bytes_of("a: &x 1\nb: *x\n---\nc: !!str 2\n? {d: e}\n: 1\n<<: *x\n")});
}

void add_access(std::vector<Seed>& out) {
    std::string const k(32, 'k'), key_of_k = "yINZ3yINZ3yINZ3yINZ3yINZ3yINZ3yINZ3yINZ3"; // the key of the target's client, and its text
    out.push_back(
        {"client_list", bytes_of("# who\nalice " + key_of_k + " control # the hutch\nbob\t" + std::string(40, '0') + " read\r\n")});
    auto const question = [&](std::vector<std::string> const& frames) {
        Message message;
        for (auto const& frame : frames) message.push_back(bytes_of(frame));
        out.push_back({"zap", join({0, {message}})});
    };
    question({"1.0", "1", "sqd", "192.0.2.1", "", "CURVE", k});
    question({"1.0", "1", "sqd", "192.0.2.1", "", "CURVE", std::string(32, 'm')});
    question({"1.0", "1", "proof", "", "", "CURVE", k});
    question({"1.0", "1", "sqd", "192.0.2.1", "", "PLAIN", "user", "password"});
}

/// The configurations that are shipped.
void add_shipped(std::vector<Seed>& out) {
    for (auto const& entry : std::filesystem::directory_iterator(test::source_root() / "config")) {
        auto const ending = entry.path().extension().string();
        if (ending != ".yaml" && ending != ".poni") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        out.push_back({ending.substr(1), bytes_of({std::istreambuf_iterator<char>(file), {}})});
    }
}

} // namespace

std::vector<Seed> text_seeds() {
    std::vector<Seed> out;
    add_masks(out);
    add_fit2d_mask(out);
    add_texts(out);
    add_access(out);
    add_shipped(out);
    return out;
}

} // namespace sqd::fuzz
