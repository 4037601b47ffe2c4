// Line by line, word by word.
#include "daemon/security/client_list.hpp"

#include "config/text.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

namespace sqd {
namespace {

constexpr std::size_t longest_name = 64, longest_echo = 80;
constexpr std::string_view blanks = " \t\r", allowed_in_names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@-";

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    while (true) {
        auto const begin = line.find_first_not_of(blanks);
        if (begin == line.npos) return words;
        line.remove_prefix(begin);
        auto const end = std::min(line.find_first_of(blanks), line.size());
        if (line.front() == '#') return words; // no key begins so: 84 times 85^4 is more than 32 bits hold
        words.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

/// As it may stand in a message.
std::string quoted(std::string const& word) {
    std::string shown = word.substr(0, longest_echo);
    for (char& c : shown)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    return '\'' + shown + '\'';
}

class Reader {
public:
    explicit Reader(std::string file) : file_(std::move(file)) {}

    void read(std::string_view line, std::size_t number) {
        number_ = number;
        auto const words = words_of(line);
        if (words.empty()) return;
        if (words.size() != 3)
            fail(std::to_string(words.size()) + (words.size() == 1 ? " word" : " words"), "a line is name, public key, and read or control",
                 "write: alice PUBLIC-KEY read");
        Client const client{name_in(words[0]), {key_in(words[1])}, rights_in(words[2])};
        once(lines_of_names_, client.name, "name " + quoted(client.name));
        once(lines_of_keys_, client.key, "key " + quoted(words[1]));
        clients_.push_back(client);
    }

    std::vector<Client> clients() && {
        if (clients_.empty())
            throw ConfigError(file_ + ": lists nobody (every client would be refused) write a line: alice PUBLIC-KEY read");
        return std::move(clients_);
    }

private:
    [[noreturn]] void fail(std::string const& problem, std::string const& why, std::string const& suggestion) const {
        throw ConfigError(file_ + ':' + std::to_string(number_) + ": " + problem + " (" + why + ") " + suggestion);
    }

    std::string name_in(std::string const& word) const {
        if (word.size() > longest_name || word.find_first_not_of(allowed_in_names) != word.npos)
            fail("name " + quoted(word), "names are 1 to 64 letters, digits and _ . @ -", "rename it");
        return word;
    }
    KeyBytes key_in(std::string const& word) const {
        auto const key = key_from_z85(word);
        if (!key) fail("key " + quoted(word), "a public key is 40 characters of Z85", "copy it from the .pub file that sqd keygen wrote");
        return *key;
    }
    Rights rights_in(std::string const& word) const {
        if (word == "read") return Rights::read;
        if (word == "control") return Rights::control;
        auto const nearest = nearest_name(word.substr(0, longest_name), {"read", "control"});
        fail(quoted(word), "a client may read or control", nearest.empty() ? "write read or control" : "did you mean " + nearest + '?');
    }
    template <class Key>
    void once(std::map<Key, std::size_t>& lines, Key const& what, std::string const& shown) const {
        auto const [before, fresh] = lines.try_emplace(what, number_);
        if (!fresh) fail(shown + " again", "it is in line " + std::to_string(before->second), "remove one of them");
    }

    std::string file_;
    std::size_t number_ = 0;
    std::vector<Client> clients_;
    std::map<std::string, std::size_t> lines_of_names_;
    std::map<PublicKey, std::size_t> lines_of_keys_;
};

} // namespace

std::vector<Client> parse_client_list(std::string_view text, std::string const& file) {
    Reader reader(file);
    std::size_t number = 0;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        reader.read(text.substr(0, end), ++number);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(reader).clients();
}

} // namespace sqd
