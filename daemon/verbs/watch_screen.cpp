#include "daemon/verbs/watch_screen.hpp"

#include "daemon/verbs/progress.hpp"
#include "daemon/verbs/sparkline.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "daemon/verbs/watch_words.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace sqd {

namespace {

using namespace watching;

constexpr std::size_t label_width = 11;

/// A sign for the state, so that it is never told by colour alone.
std::string sign_of(std::string const& state, bool utf8) {
    if (state == "running") return utf8 ? "▶" : ">";
    if (state == "fault") return utf8 ? "✖" : "X";
    if (state == "standby") return utf8 ? "◌" : "o";
    return utf8 ? "●" : "*";
}

/// Collects lines that fit.
class Lines {
public:
    explicit Lines(ScreenStyle const& style) : style_(style) {}

    /// `code`: ANSI colour of the whole line, null = none.
    void add(std::string const& line, char const* code = nullptr) {
        std::string const fitting = cut(line, style_.columns);
        lines_.push_back(code ? painted(fitting, code, style_.color) : fitting);
    }
    void labelled(std::string const& label, std::string const& words, char const* code = nullptr) {
        if (!words.empty()) add(label + std::string(label_width - std::min(label_width, columns(label)), ' ') + words, code);
    }
    /// A sentence over as many lines as it needs, three at most.
    void sentence(std::string const& label, std::string const& words) {
        constexpr std::size_t most = 3;
        std::size_t const width = std::max(style_.columns, label_width + 20) - label_width;
        std::string rest = words;
        for (std::size_t line = 1; !rest.empty(); ++line) {
            std::size_t end = rest.size();
            if (columns(rest) > width && line < most) end = rest.rfind(' ', width);
            if (end == rest.npos || end == 0) end = rest.size();
            labelled(line == 1 ? label : "", rest.substr(0, end));
            rest = end < rest.size() ? rest.substr(end + 1) : "";
        }
    }
    std::vector<std::string> take() { return std::move(lines_); }

private:
    ScreenStyle const& style_;
    std::vector<std::string> lines_;
};

/// On a screen nobody can do without the reason that a service is silent or in trouble.
void add_state(Lines& lines, WatchState const& state, double now_s, ScreenStyle const& style) {
    Json const& status = state.status();
    std::string const name = text(status, "state");
    std::string upper = name;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    bool const stale = state.stale(now_s);
    std::string line = sign_of(stale ? "fault" : name, style.utf8) + " ";
    line += stale ? "SILENT for " + duration(state.silent_s(now_s)) + " (was " + name + ")" : joined({upper, text(status, "phase")}, "  ");
    line += "   " + joined({text(status, "instance"), text(part(status, "scan"), "id"), text(part(status, "scan"), "role")}, "   ");
    lines.add(line, stale ? "31" : color_of_state(name));
    if (name == "fault" || name == "standby") lines.labelled("why", text(status, "reason"));
}

void add_progress(Lines& lines, Json const& status) {
    Json const& frames = part(status, "frames");
    std::string bar;
    if (auto const expected = count(frames, "expected"); expected > 0) bar = bar_text(count(frames, "received"), expected);
    std::vector<std::string> words{bar, frames_words(status), percent_words(status)};
    if (double const hz = number(status, "rate_hz"); hz > 0) words.push_back(fixed(hz, 1) + " Hz");
    if (find(status, "eta_s")) words.push_back("ETA " + duration(number(status, "eta_s")));
    if (double const lag = number(status, "lag_s"); lag >= 0.1) words.push_back("lag " + fixed(lag, 1) + " s");
    words.push_back(missing_words(status));
    lines.labelled("frames", joined(words, " "));
}

void add_peak(Lines& lines, WatchState const& state) {
    if (!state.peak()) return;
    WatchedPeak const& peak = *state.peak();
    std::string const running = text(part(state.status(), "scan"), "uid");
    std::string q1 = with_digits(peak.q1, peak.q1_sigma) + " 1/A";
    if (peak.q1_sigma_model > 0) q1 += "   model " + short_sigma(peak.q1_sigma_model);
    if (peak.q1_sigma_geometry > 0) q1 += "   distance " + short_sigma(peak.q1_sigma_geometry);
    if (peak.chi2 > 0) q1 += "   chi2 " + fixed(peak.chi2, 1);
    if (running != peak.scan_uid) q1 += "   of " + peak.scan_name;
    lines.labelled("q1", q1, "1");
    if (peak.fwhm > 0) lines.labelled("FWHM", with_digits(peak.fwhm, peak.fwhm_sigma) + " 1/A", "1");
}

void add_curve(Lines& lines, WatchedCurve const& curve, ScreenStyle const& style) {
    constexpr std::size_t rows = 4, widest = 100;
    if (curve.q.empty()) return;
    std::size_t const width = std::min(widest, style.columns > label_width ? style.columns - label_width : 1);
    auto const drawn = sparkline(curve.q, curve.y, width, rows, style.utf8);
    for (std::size_t i = 0; i < drawn.size(); ++i) lines.labelled(i == 0 ? curve.kind == "sq" ? "S(q)" : "I(q)" : "", drawn[i]);
    std::string const from = fixed(curve.q.front(), 2), to = fixed(curve.q.back(), 2) + " 1/A";
    if (width > from.size() + to.size()) lines.labelled("", from + std::string(width - from.size() - to.size(), ' ') + to);
}

void add_alarms(Lines& lines, Json const& status) {
    constexpr std::size_t most = 4;
    auto const alarms = new_alarms(status);
    for (std::size_t i = 0; i < std::min(most, alarms.size()); ++i)
        lines.labelled("ALARM", alarms[i].name + (alarms[i].message.empty() ? "" : ": " + alarms[i].message), "31");
    if (alarms.size() > most) lines.labelled("ALARM", "and " + std::to_string(alarms.size() - most) + " more: sqd status", "31");
}

} // namespace

std::vector<std::string> watch_screen(WatchState const& state, double now_s, ScreenStyle const& style) {
    if (!state.heard()) return {};
    Lines lines(style);
    add_state(lines, state, now_s, style);
    add_progress(lines, state.status());
    add_peak(lines, state);
    add_curve(lines, state.curve(), style);
    if (state.peak()) lines.sentence("advice", state.peak()->advice);
    if (state.peak()) lines.sentence("reference", state.peak()->comparison);
    add_alarms(lines, state.status());
    return lines.take();
}

} // namespace sqd
