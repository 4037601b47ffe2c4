// The archive's files over HTTP: a list, and each of them.
#pragma once

#include "daemon/web/web_pages.hpp"

#include <filesystem>
#include <string>

namespace sqd {

/// {"files": [{name, bytes, modified}], "more": n}, newest first; `more` counts those beyond a thousand.
WebReply archive_page(std::filesystem::path const& directory);
/// A finished file, to be saved. Only names that the archive itself gives are looked at, and no link is followed out of the directory.
WebReply archive_file_page(std::filesystem::path const& directory, std::string const& name);
/// The messages in such a file, read by `program export --messages`: a damaged file or a disk that hangs harm that process alone, and this
/// one's archive is written by a library that one thread alone may use.
WebReply archive_messages_page(std::filesystem::path const& directory, std::string const& name, std::string const& program);

} // namespace sqd
