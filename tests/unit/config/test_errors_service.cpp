// Services that cannot work: endpoints, keys, folders.
#include "wrong_texts.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

std::vector<Wrong> const wrong_service{
    {"127.0.0.1:5560", "0.0.0.0:5560", "results.bind", "results", {"other machines", "insecure: true"}},
    {"127.0.0.1:5561", "*:5561", "control.bind", "control", {"other machines"}},
    {"127.0.0.1:5561", "127.0.0.1:5560", "control.bind", "control", {"results.bind, too"}},
    {"results: {", "results: {rate_hz: 11, ", "results.rate_hz", "results", {"out of range"}},
    {"archive:", "web: {listen: \"http://127.0.0.1\"}\narchive:", "web.listen", "web:", {"is not an address", "127.0.0.1:8640"}},
    {"archive:", "web: {listen: \"127.0.0.1:70000\"}\narchive:", "web.listen", "web:", {"is not an address"}},
    {"archive:", "web: {listen: \"0.0.0.0:8640\"}\narchive:", "web.listen", "web:", {"other machines", "insecure: true"}},
    {"archive:", "web: {token: missing}\narchive:", "web.token", "web:", {"no such file"}},
    {"archive:", "security: {server_key: a.poni}\narchive:", "security.clients", "security", {"none although", "give both"}},
    {"archive:", "security: {clients: a.poni}\narchive:", "security.server_key", "security", {"none although", "give both"}},
    {"archive:", "security: {server_key: missing, clients: x}\narchive:", "security.server_key", "security", {"no such file"}},
    {"archive: {",
     "archive: {detector_files: \"/data/{series}.h5\", ",
     "archive.detector_files",
     "archive",
     {"is absolute", "relative to"}},
    {"archive: {", "archive: {detector_files: \"x_{number}.h5\", ", "archive.detector_files", "archive", {"braces around", "{series}"}},
    {"archive: {", "archive: {detector_files: \"x_{series.h5\", ", "archive.detector_files", "archive", {"braces around"}},
    {"archive: {", "archive: {detector_files: master.h5, ", "archive.detector_files", "archive", {"same file for all"}},
    {"archive: {", "archive: {detector_files: \"../{series}/\", ", "archive.detector_files", "archive", {"is a folder"}},
    {"archive: {", "archive: {min_free_GB: -1, ", "archive.min_free_GB", "archive", {"out of range"}},
    {"archive:", "journal: {keep_days: -1}\narchive:", "journal.keep_days", "journal", {"out of range"}},
    {"archive:", "journal: {keep_GB: -1}\narchive:", "journal.keep_GB", "journal", {"out of range"}},
    {"archive:", "journal: {checkpoint_s: -1}\narchive:", "journal.checkpoint_s", "journal", {"out of range"}},
    {"archive:", "journal: {resume_timeout_s: -1}\narchive:", "journal.resume_timeout_s", "journal", {"out of range"}},
};

} // namespace

TEST_CASE("endpoints that cannot work are refused with their line") {
    check_all(wrong_service);
}

TEST_CASE("an address that others reach is taken when it is said to be wanted") {
    Folder const folder;
    CHECK(complaint(folder, replaced(yaml, "results: {bind: \"tcp://127.0.0.1:5560\"}",
                                     "results: {bind: \"tcp://0.0.0.0:5560\", insecure: true}")) == "");
    CHECK(complaint(folder, replaced(replaced(yaml, "tcp://127.0.0.1:5560", "tcp://0.0.0.0:5560"),
                                     "archive:", "security: {server_key: a.poni, clients: a.poni}\narchive:")) == "");
    CHECK(complaint(folder, replaced(yaml, "tcp://127.0.0.1:5560", "tcp://127.0.0.1:*")) == "");
    CHECK(complaint(folder, replaced(yaml, "tcp://127.0.0.1:5560", "ipc:///run/sqd/results")) == "");
}

TEST_CASE("where the detector's own files lie is read as written, and comes back from the echo") {
    Folder const folder;
    folder.write("a.poni", poni);
    auto const parse = [&](std::string const& text) {
        return parse_config(text, folder.file("test.yaml"), read_text_mask, read_text_image);
    };
    auto const none = parse(yaml);
    CHECK(none.service.detector_files.empty());
    for (char const* pattern : {"../eiger/series_{series}_master.h5", "{name}/{name}_{series}.cbf"}) {
        auto const config = parse(replaced(yaml, "archive: {", std::string("archive: {detector_files: \"") + pattern + "\", "));
        CHECK(config.service.detector_files == pattern);
        CHECK(parse(config.effective_yaml).service.detector_files == pattern);
    }
}
