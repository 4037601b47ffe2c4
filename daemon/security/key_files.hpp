// The files that `sqd keygen` writes, and how they are read again.
#pragma once

#include "daemon/security/curve_keys.hpp"

#include <filesystem>
#include <string>

namespace sqd {

/// `NAME.key` holds a line `secret Z85`, `NAME.pub` a line `public Z85`; lines that begin with # are comments.
struct KeyFiles {
    std::filesystem::path secret, open;
};

/// Writes both, the secret one with mode 0600 from its first byte on, the public one with 0644. Throws IoError (output) when one of
/// them exists already or cannot be written; then neither is left that was not there before. For programs of one thread (umask).
KeyFiles write_key_files(std::filesystem::path const& name, KeyPair const& keys);

/// Throws ConfigError `file: problem (why) suggestion`: it cannot be read, holds no secret key, belongs to somebody else than this
/// user or root, or others may read it (mode 0600; 0640 where root is the owner).
SecretKey read_secret_key(std::filesystem::path const& file);

/// A public key as text, or of a file that holds one. Throws ConfigError.
PublicKey read_public_key(std::string const& key_or_file);

} // namespace sqd
