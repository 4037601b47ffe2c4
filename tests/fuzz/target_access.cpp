// Who is let in: the list of clients, and libzmq's questions for keys (laid out as message_parts.hpp says).
#include "daemon/security/client_list.hpp"
#include "daemon/security/zap_message.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/fuzz/message_parts.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <optional>

namespace sqd::fuzz {

namespace {

bool printable(std::string const& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// One line per client, as somebody would write it.
std::string written(std::vector<Client> const& clients) {
    std::string text;
    for (Client const& client : clients)
        text += client.name + ' ' + to_z85(client.key.bytes) + (client.rights == Rights::control ? " control\n" : " read\n");
    return text;
}

PublicKey listed_key() {
    PublicKey key;
    key.bytes.fill('k');
    return key;
}

} // namespace

void run_client_list(Bytes input) {
    std::string const text = text_of(input);
    try {
        auto const clients = parse_client_list(text, "list");
        require(!clients.empty(), "a list has clients");
        for (Client const& client : clients) require(client.rights != Rights::none, "who is listed may do something");
        require(parse_client_list(written(clients), "list") == clients, "a list that is written again is the same");
    } catch (ConfigError const& error) {
        std::string const said = error.what();
        require(said.size() < 400 && printable(said), "a refusal is short and printable");
    }
}

void run_zap(Bytes input) {
    auto const listed = listed_key();
    for (Message const& message : split(input).messages) {
        std::vector<std::string> frames;
        for (Part const& part : message) frames.push_back(text_of(part));
        bool looked_up = false;
        auto const answer = answer_zap(frames, [&](PublicKey const& key) -> std::optional<Client> {
            looked_up = true;
            return key == listed ? std::optional(Client{"alice", listed, Rights::read}) : std::nullopt;
        });
        bool const accepted = answer.verdict == Verdict::accepted;
        require(answer.frames.size() == 6 && answer.frames[0] == "1.0", "every question has an answer of ZAP 1.0");
        require(answer.frames[2] == (accepted ? "200" : "400"), "who is accepted is told so, and nobody else");
        require(!accepted || (looked_up && answer.key == listed && frames.at(6) == text_of(std::as_bytes(std::span(listed.bytes)))),
                "nobody is accepted but who is listed");
        require(answer.frames[4] == (accepted ? to_z85(listed.bytes) : ""), "only who is accepted has a name");
        require(printable(answer.address) && answer.address.size() <= 64, "an address is short and printable");
        require(answer.frames[1].size() <= 255, "an id is short");
    }
}

} // namespace sqd::fuzz
