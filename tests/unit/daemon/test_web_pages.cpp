// Pages beyond health and metrics: the page's files, finals, the archive, control, and the description of it all.
#include "daemon/run/command_desk.hpp"
#include "daemon/web/asset_page.hpp"
#include "daemon/web/control_page.hpp"
#include "daemon/web/web_pages.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace sqd;
namespace fs = std::filesystem;

namespace {

WebPages pages(WebSources sources) {
    if (!sources.facts) sources.facts = [] { return WebFacts{}; };
    return {WebGuard("127.0.0.1"), std::move(sources)};
}

WebRequest get(std::string const& target) {
    return {"GET", target, "localhost:8640", {}};
}

std::string header(WebReply const& reply, std::string const& name) {
    for (auto const& [key, value] : reply.headers)
        if (key == name) return value;
    return {};
}

RememberedFinal a_final() {
    WireMessage pattern, peak;
    pattern.topic = "i/pattern/";
    pattern.header = {{"schema", "sqd.pattern/1.0"}, {"seq", 3}, {"durable", true}, {"scan", {{"uid", "u1"}}}, {"frames", {{"used", 9}}},
                      {"arrays", Json::array()}};
    peak = pattern;
    peak.topic = "i/fsdp/";
    peak.header["values"] = {{"q1", 2.5}};
    return {{{"u1", 4}, "vit4", "sample", "final", "vit4.nxs"},
            std::make_shared<std::vector<WireMessage> const>(std::vector{pattern, peak})};
}

struct Folder {
    fs::path path = fs::temp_directory_path() / ("sqd-web-pages-" + std::to_string(getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    void write(std::string const& name, std::string const& content) const { std::ofstream(path / name) << content; }
};

constexpr char const* secret = "0123456789abcdef";

struct Controlled {
    std::vector<Json> asked;
    WebSources sources{.facts = [] { return WebFacts{}; },
                       .token = secret,
                       .command =
                           [this](Json const& command) {
                               asked.push_back(command);
                               return std::optional<Json>(Json{{"ok", command["command"] != "end"}});
                           }};
    unsigned operator()(std::string const& body, std::string const& authorization, std::optional<std::string> origin = {}) const {
        return pages(sources)({"POST", "/api/v1/control", "localhost", std::move(origin), body, authorization}).status;
    }
};

} // namespace

TEST_CASE("the description for programs lists what is served, all of it and nothing else") {
    PageAsset const* const asset = find_asset("openapi.json");
    REQUIRE(asset != nullptr);
    Json const described = Json::parse(asset_page(*asset, get("/")).body);
    CHECK(described["openapi"] == "3.0.3");
    std::set<std::string> served, told;
    for (WebRoute const& route : WebPages::routes()) served.insert(route.method + ' ' + route.path);
    for (auto const& [path, methods] : described["paths"].items()) {
        for (auto const& [method, what] : methods.items()) {
            std::string upper = method;
            for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            told.insert(upper + ' ' + path);
            auto const& this_path = path;
            CHECK_MESSAGE(!what["responses"].empty(), this_path);
            std::size_t open = 0;
            for (char const c : path) open += c == '{' ? 1 : 0;
            CHECK_MESSAGE((what.contains("parameters") ? what["parameters"].size() : 0) == open, this_path);
        }
    }
    CHECK(served == told);
}

TEST_CASE("the page runs its own scripts alone, is packed for who takes that, and is not sent twice") {
    auto const answer = pages({});
    WebReply const plain = answer(get("/"));
    CHECK(plain.body.find("<!doctype html>") == 0);
    CHECK(header(plain, "Content-Security-Policy").find("script-src 'self';") != std::string::npos);
    CHECK(header(plain, "Content-Security-Policy").find("unsafe") == std::string::npos);
    WebRequest packing = get("/");
    packing.takes_gzip = true;
    WebReply const packed = answer(packing);
    CHECK(header(packed, "Content-Encoding") == "gzip");
    CHECK(packed.body.size() < plain.body.size());
    WebRequest again = get("/");
    again.known_etag = header(plain, "ETag");
    CHECK(answer(again).status == 304);
    CHECK(answer(again).body.empty());
    again.known_etag = "\"another\"";
    CHECK(answer(again).status == 200);
    CHECK(answer(get("/page/app.js")).status == 200);
    for (char const* path : {"/page/", "/page/../app.js", "/page/app.js/", "/page/%61pp.js", "/page/none.js", "//", "*", "/page"})
        CHECK_MESSAGE(answer(get(path)).status == 404, path);
    for (PageAsset const& asset : page_assets()) CHECK(asset_page(asset, get("/")).body.size() > 50);
}

TEST_CASE("finals are listed with their peak, and each message of one can be had") {
    auto const final = a_final();
    auto const answer = pages({.facts = {},
                               .finals = [&] { return std::vector{final}; },
                               .final_of = [&](std::string const& uid) { return uid == "u1" ? std::optional(final) : std::nullopt; }});
    Json const list = Json::parse(answer(get("/api/v1/results")).body)["finals"];
    REQUIRE(list.size() == 1);
    CHECK(list[0]["uid"] == "u1");
    CHECK(list[0]["kinds"] == Json{"pattern", "fsdp"});
    CHECK(list[0]["fsdp"]["q1"] == 2.5);
    CHECK(list[0]["frames"]["used"] == 9);
    WebReply const message = answer(get("/api/v1/results/u1/fsdp"));
    CHECK(message.content_type == "application/octet-stream");
    CHECK(message.body.find("\"q1\":2.5") != std::string::npos);
    CHECK(answer(get("/api/v1/results/u1/gr")).status == 404);
    CHECK(answer(get("/api/v1/results/u2/fsdp")).status == 404);
    CHECK(pages({})(get("/api/v1/results")).status == 404);
}

TEST_CASE("the archive gives its own files and no other, whatever is asked for") {
    Folder const folder, outside_of;
    folder.write("vit4_sample_1.nxs", "content");
    folder.write("vit4_sample_2.nxs.tmp", "half");
    folder.write("secret.txt", "x");
    folder.write(".hidden.nxs", "x");
    fs::create_directories(folder.path / "folder.nxs");
    fs::create_symlink("/etc/passwd", folder.path / "link.nxs");
    auto const answer = pages({.facts = {}, .archive = folder.path, .program = "/usr/bin/sqd"});
    Json const list = Json::parse(answer(get("/api/v1/archive")).body);
    REQUIRE(list["files"].size() == 1);
    CHECK(list["files"][0]["name"] == "vit4_sample_1.nxs");
    CHECK(list["files"][0]["bytes"] == 7);
    CHECK(list["more"] == 0);
    WebReply const file = answer(get("/api/v1/archive/vit4_sample_1.nxs"));
    CHECK(file.file == folder.path / "vit4_sample_1.nxs");
    CHECK(header(file, "Content-Disposition") == "attachment; filename=\"vit4_sample_1.nxs\"");
    for (char const* name : {"link.nxs", "folder.nxs", "secret.txt", ".hidden.nxs", "..", "../secret.nxs", "%2e%2e%2fsecret.nxs",
                             "vit4_sample_2.nxs.tmp", "none.nxs", "..\\x.nxs", "\"x.nxs", ".nxs"}) {
        CHECK_MESSAGE(answer(get(std::string("/api/v1/archive/") + name)).status == 404, name);
        WebReply const messages = answer(get(std::string("/api/v1/archive/") + name + "/messages"));
        CHECK_MESSAGE(messages.status == 404, name);
        CHECK(messages.output_of.empty());
    }
    WebReply const messages = answer(get("/api/v1/archive/vit4_sample_1.nxs/messages"));
    CHECK(messages.output_of ==
          std::vector<std::string>{"/usr/bin/sqd", "export", "--messages", "--", (folder.path / "vit4_sample_1.nxs").string()});
}

TEST_CASE("who changes anything needs the token, a command that a page may give, and its name once more") {
    Controlled const control;
    std::string const bearer = std::string("Bearer ") + secret, good = R"({"command":"begin","name":"a","confirm":"begin"})";
    CHECK(control(good, "") == 403);
    CHECK(control(good, "Bearer ") == 403);
    CHECK(control(good, "Bearer 0123456789abcdeg") == 403);
    CHECK(control(good, "Bearer 0123456789abcde") == 403);
    CHECK(control(good, std::string("Basic ") + secret) == 403);
    CHECK(control(good, bearer, "http://evil.example") == 403);
    CHECK(control("no json", bearer) == 400);
    CHECK(control("[]", bearer) == 400);
    CHECK(control(std::string(1000, '['), bearer) == 400);
    CHECK(control(R"({"command":7,"confirm":7})", bearer) == 400);
    CHECK(control(R"({"command":"shutdown","confirm":"shutdown"})", bearer) == 400);
    CHECK(control(R"({"command":"snapshot","confirm":"snapshot"})", bearer) == 400);
    CHECK(control(R"({"command":"begin","name":"a"})", bearer) == 428);
    CHECK(control(R"({"command":"begin","name":"a","confirm":"end"})", bearer) == 428);
    CHECK(control.asked.empty());
    CHECK(control(good, bearer, "http://localhost:8640") == 200);
    REQUIRE(control.asked.size() == 1);
    CHECK(control.asked[0] == Json{{"command", "begin"}, {"name", "a"}});
    CHECK(control(R"({"command":"end","confirm":"end"})", bearer) == 409);
    CHECK(pages(control.sources)(get("/api/v1/control")).status == 405);
}

TEST_CASE("without a token the page only shows, and who gets no answer is told so") {
    Controlled control;
    control.sources.command = [](Json const&) { return std::optional<Json>{}; };
    std::string const good = R"({"command":"end","confirm":"end"})", bearer = std::string("Bearer ") + secret;
    CHECK(control(good, bearer) == 504);
    control.sources.token.clear();
    CHECK(control(good, bearer) == 403);
    CHECK(control(good, "Bearer ") == 403);
}

TEST_CASE("a viewer comes from this server's page, or from no page") {
    auto const answer = pages({});
    auto const refused = [&](char const* target, char const* host, std::optional<std::string> origin) {
        return answer.refuses_viewer({"GET", target, host, std::move(origin)}).has_value();
    };
    CHECK_FALSE(refused("/ws", "localhost:8640", {}));
    CHECK_FALSE(refused("/ws", "127.0.0.1:8640", "http://127.0.0.1:8640"));
    CHECK(refused("/ws", "localhost", "http://evil.example"));
    CHECK(refused("/ws", "localhost", "null"));
    CHECK(refused("/ws", "evil.example", {}));
    CHECK(refused("/other", "localhost", {}));
    CHECK(answer(get("/ws")).status == 426);
}

TEST_CASE("a command from another thread is obeyed by the one that serves, or not answered in time; few wait") {
    std::atomic<int> woken{0};
    CommandDesk desk([&] { ++woken; });
    CHECK_FALSE(desk.ask("nobody serves", std::chrono::milliseconds(1)));
    for (std::size_t i = 1; i < CommandDesk::most_waiting; ++i) CHECK_FALSE(desk.ask("nor now", std::chrono::milliseconds(0)));
    CHECK(woken == static_cast<int>(CommandDesk::most_waiting));
    CHECK_FALSE(desk.ask("too many", std::chrono::hours(1))); // at once
    std::vector<std::string> obeyed;
    auto const obey = [&](std::string const& command) {
        obeyed.push_back(command);
        return CommandDesk::Reply{{"said", command}};
    };
    desk.serve(obey); // those that waited are obeyed all the same
    CHECK(obeyed.size() == CommandDesk::most_waiting);
    std::jthread const server([&](std::stop_token const& stop) {
        while (!stop.stop_requested()) desk.serve(obey);
    });
    auto const answer = desk.ask("now", std::chrono::seconds(60));
    REQUIRE(answer);
    CHECK((*answer)["said"] == "now");
}
