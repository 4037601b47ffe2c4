// Keys in text, and the list of those who are let in: what is written is read, and nothing else is.
#include "daemon/security/client_list.hpp"
#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <random>
#include <string>

using namespace sqd;

namespace {

std::string const alice = to_z85(new_key_pair().public_key.bytes), bob = to_z85(new_key_pair().public_key.bytes);

/// The error of a list; empty where it is none.
std::string complaint(std::string const& text) {
    try {
        parse_client_list(text, "clients.txt");
    } catch (ConfigError const& error) {
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("every key survives its text") {
    std::mt19937 random(20261126);
    for (int i = 0; i < 1000; ++i) {
        KeyBytes bytes;
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        CHECK(key_from_z85(to_z85(bytes)) == bytes);
    }
    KeyBytes full;
    full.fill(0xff);
    CHECK(key_from_z85(to_z85(full)) == full);
    CHECK(to_z85(KeyBytes{}) == std::string(40, '0'));
}

TEST_CASE("the text of RFC 32 is the text of its bytes") {
    // The RFC's own example, four times: 86 4F D2 6F B5 59 F7 5B is HelloWorld.
    KeyBytes bytes;
    constexpr std::array<std::uint8_t, 8> hello{0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = hello[i % hello.size()];
    CHECK(to_z85(bytes) == "HelloWorldHelloWorldHelloWorldHelloWorld");
}

TEST_CASE("what is no key is none") {
    for (std::string const& text :
         {std::string(), std::string(39, '0'), std::string(41, '0'), std::string(40, '~'), std::string(40, ' '), std::string(40, '\xff'),
          std::string(40, '\0'), std::string(39, '0') + '"', std::string("#####") + std::string(35, '0'), // more than 32 bits hold
          std::string(35, '0') + "%nSc1"})
        CHECK_FALSE(key_from_z85(text));
    CHECK(key_from_z85(std::string(35, '0') + "%nSc0")); // 2^32 - 1
}

TEST_CASE("the public key follows from the secret one") {
    auto const keys = new_key_pair();
    CHECK(public_key_of(keys.secret_key) == keys.public_key);
    CHECK(new_key_pair().secret_key.bytes != keys.secret_key.bytes);
}

TEST_CASE("a list is read with its comments, blanks and line ends") {
    auto const clients = parse_client_list("# who\r\n\n  alice.x " + bob + " read # from the hutch\r\n\tops@id13\t" + alice +
                                               "   control\n#" + " off " + bob + " read",
                                           "clients.txt");
    REQUIRE(clients.size() == 2);
    CHECK(clients[0] == Client{"alice.x", {*key_from_z85(bob)}, Rights::read});
    CHECK(clients[1] == Client{"ops@id13", {*key_from_z85(alice)}, Rights::control});
}

TEST_CASE("no key begins with the sign of a comment, but any may hold it") {
    CHECK_FALSE(key_from_z85("#" + std::string(39, '0')));
    std::string const key = "0#" + std::string(38, '0');
    CHECK(to_z85(parse_client_list("alice " + key + " read #", "f").front().key.bytes) == key);
}

TEST_CASE("each fault of a list is named by file and line") {
    struct Fault {
        std::string text, begins, holds;
    };
    for (auto const& [text, begins, holds] : {Fault{"alice\n", "clients.txt:1: ", "1 word"},
                                              {"\n\nalice " + alice + "\n", "clients.txt:3: ", "2 words"},
                                              {"alice " + alice + " read write", "clients.txt:1: ", "4 words"},
                                              {"al/ice " + alice + " read", "clients.txt:1: name 'al/ice' ", "letters"},
                                              {std::string(65, 'a') + " " + alice + " read", "clients.txt:1: name", "64"},
                                              {"alice " + alice.substr(1) + " read", "clients.txt:1: key ", "40 characters"},
                                              {"alice " + alice + " Control", "clients.txt:1: 'Control' ", "did you mean control"},
                                              {"alice " + alice + " admin", "clients.txt:1: 'admin' ", "write read or control"},
                                              {"a " + alice + " read\nb " + alice + " read", "clients.txt:2: key ", "line 1"},
                                              {"a " + alice + " read\na " + bob + " read", "clients.txt:2: name 'a' again", "line 1"},
                                              {"", "clients.txt: lists nobody", "every client would be refused"},
                                              {"# a " + alice + " read", "clients.txt: lists nobody", ""}}) {
        auto const& this_text = text;
        CAPTURE(this_text);
        auto const said = complaint(text);
        CHECK(said.starts_with(begins));
        CHECK(said.find(holds) != std::string::npos);
    }
}

TEST_CASE("a hostile list is refused in printable words of bounded length") {
    for (std::string const& text :
         {std::string("\0\0\0 \0 \0", 7), std::string("al\x1b[2Jice ") + alice + " read", std::string("alice \xff\xfe read"),
          "alice " + std::string(1'000'000, 'k') + " read", std::string(100'000, ' ') + "x", "alice " + alice + " re\x07" + "ad"}) {
        auto const said = complaint(text);
        CHECK_FALSE(said.empty());
        CHECK(said.size() < 400);
        for (char const c : said) CHECK((c >= 0x20 && c < 0x7f));
    }
}
