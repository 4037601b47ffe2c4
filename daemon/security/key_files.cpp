// A key file is a line with a word and a key, and a comment that says what it is.
#include "daemon/security/key_files.hpp"

#include "daemon/durable_file.hpp"
#include "daemon/security/private_file.hpp"
#include "pipeline/core/errors.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace sqd {
namespace {

namespace fs = std::filesystem;

/// Files that are made while it lives are for their owner alone, from their first byte on.
class OwnerOnly {
public:
    OwnerOnly() : before_(::umask(0077)) {}
    ~OwnerOnly() { ::umask(before_); }
    OwnerOnly(OwnerOnly const&) = delete;
    OwnerOnly& operator=(OwnerOnly const&) = delete;

private:
    mode_t before_;
};

std::span<std::byte const> bytes_of(std::string const& text) {
    return std::as_bytes(std::span(text));
}

/// The text behind `word` on the first line that is no comment.
std::optional<std::string_view> value_after(std::string_view text, std::string_view word) {
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty() || line.starts_with('#')) continue;
        if (!line.starts_with(word) || line.size() == word.size() || line[word.size()] != ' ') return std::nullopt;
        line.remove_prefix(word.size() + 1);
        return line.substr(0, line.find_last_not_of(" \t\r") + 1);
    }
    return std::nullopt;
}

std::optional<KeyBytes> key_after(std::string_view text, std::string_view word) {
    auto const value = value_after(text, word);
    return value ? key_from_z85(*value) : std::nullopt;
}

} // namespace

KeyFiles write_key_files(fs::path const& name, KeyPair const& keys) {
    KeyFiles const files{name.string() + ".key", name.string() + ".pub"};
    std::string const who = name.filename().string();
    std::string const secret = "# sqd keygen: the secret key of " + who + ". Whoever has this file is " + who + ": keep it where it is.\n" +
                               "secret " + to_z85(keys.secret_key.bytes) + '\n';
    std::string const open = "# sqd keygen: the public key of " + who + ".\npublic " + to_z85(keys.public_key.bytes) + '\n';
    OwnerOnly const owner_only;
    create_file(files.secret, bytes_of(secret));
    try {
        create_file(files.open, bytes_of(open));
    } catch (IoError const&) {
        std::error_code ignored;
        fs::remove(files.secret, ignored); // made above
        throw;
    }
    using enum fs::perms;
    fs::permissions(files.open, owner_read | owner_write | group_read | others_read);
    return files;
}

SecretKey read_secret_key(fs::path const& file) {
    if (key_after(read_small_file(file), "public")) // its mode is no fault
        throw ConfigError(file.string() + ": a public key (the secret one is asked for here) give the .key file beside it");
    if (auto const key = key_after(read_private_file(file), "secret")) return {*key};
    throw ConfigError(file.string() + ": no secret key (a line `secret` and 40 characters is expected) make one: sqd keygen");
}

PublicKey read_public_key(std::string const& key_or_file) {
    std::error_code ignored;
    if (!fs::exists(key_or_file, ignored)) {
        if (auto const key = key_from_z85(key_or_file)) return {*key};
        throw ConfigError("'" + key_or_file.substr(0, 80) +
                          "': neither a public key nor a file (a key is 40 characters of Z85) give NAME.pub");
    }
    std::string const text = read_small_file(key_or_file);
    if (auto const key = key_after(text, "public")) return {*key};
    bool const is_secret = key_after(text, "secret").has_value();
    throw ConfigError(key_or_file + (is_secret ? ": a secret key (the public one is asked for here) give the .pub file beside it"
                                               : ": no public key (a line `public` and 40 characters is expected) give NAME.pub"));
}

} // namespace sqd
