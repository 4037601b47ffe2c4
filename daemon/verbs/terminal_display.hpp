// Where what is watched is shown: redrawn in place on a terminal, line by line elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sqd {

/// On a terminal: whether colours are wanted (NO_COLOR is unset or empty).
bool wants_color();
/// Whether the locale that the environment names writes UTF-8.
bool speaks_utf8();

class TerminalDisplay {
public:
    TerminalDisplay();
    ~TerminalDisplay();
    TerminalDisplay(TerminalDisplay const&) = delete;
    TerminalDisplay& operator=(TerminalDisplay const&) = delete;

    bool terminal() const { return terminal_; }
    bool color() const { return color_; }
    /// Of the terminal now; 80 x 24 where nobody knows.
    std::size_t columns() const;
    std::size_t rows() const;

    /// The state now. On a terminal it takes the place of the last one. Elsewhere one line is expected; lines of the same key are at least
    /// 2 s apart.
    void show(std::vector<std::string> const& lines, std::string const& key);
    /// A line that stays.
    void print(std::string const& line);

private:
    void show_apart(std::string const& line, std::string const& key);
    /// To the first column of the first line that is drawn.
    std::string back() const;

    bool terminal_, color_;
    std::size_t drawn_ = 0; ///< lines on the screen that the next ones replace
    std::vector<std::string> last_;
    std::string last_key_;
    double shown_s_ = 0;
};

} // namespace sqd
