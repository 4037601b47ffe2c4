#include "daemon/verbs/terminal_display.hpp"

#include "daemon/verbs/steady_seconds.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>

namespace sqd {

namespace {

winsize terminal_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
    return size;
}

} // namespace

bool wants_color() {
    char const* value = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) == 1 && (!value || *value == '\0');
}

bool speaks_utf8() {
    for (char const* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        char const* value = std::getenv(name);
        if (value && *value != '\0') return std::strstr(value, "UTF-8") != nullptr || std::strstr(value, "utf8") != nullptr;
    }
    return false;
}

TerminalDisplay::TerminalDisplay() : terminal_(::isatty(STDOUT_FILENO) == 1), color_(wants_color()) {}

TerminalDisplay::~TerminalDisplay() {
    if (drawn_ > 0) std::puts("");
}

std::size_t TerminalDisplay::columns() const {
    constexpr std::size_t usual = 80;
    auto const size = terminal_size();
    return size.ws_col == 0 ? usual : size.ws_col;
}

std::size_t TerminalDisplay::rows() const {
    constexpr std::size_t usual = 24;
    auto const size = terminal_size();
    return size.ws_row == 0 ? usual : size.ws_row;
}

std::string TerminalDisplay::back() const {
    return drawn_ > 1 ? "\r\x1b[" + std::to_string(drawn_ - 1) + "A" : "\r";
}

void TerminalDisplay::show(std::vector<std::string> const& lines, std::string const& key) {
    if (lines == last_ || lines.empty()) return;
    if (!terminal_) return show_apart(lines.front(), key);
    // Without wrapping, a line that is too long is cut and the next one still replaces it.
    std::string out = back() + "\x1b[?7l";
    for (std::size_t i = 0; i < lines.size(); ++i) out += (i > 0 ? "\n" : "") + lines[i] + "\x1b[K";
    out += "\x1b[J\x1b[?7h";
    std::fputs(out.c_str(), stdout);
    std::fflush(stdout);
    last_ = lines;
    drawn_ = lines.size();
}

void TerminalDisplay::show_apart(std::string const& line, std::string const& key) {
    constexpr double apart_s = 2;
    if (key == last_key_ && now_s() - shown_s_ < apart_s) return;
    print(line);
    last_ = {line};
    last_key_ = key;
    shown_s_ = now_s();
}

void TerminalDisplay::print(std::string const& line) {
    if (drawn_ > 0) std::fputs((back() + "\x1b[J").c_str(), stdout);
    drawn_ = 0;
    if (terminal_) last_.clear();
    std::puts(line.c_str());
    std::fflush(stdout);
}

} // namespace sqd
