// A page to draw on, in points from its upper left corner; the only user of cairo.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

struct Color {
    double red = 0, green = 0, blue = 0, opacity = 1; ///< 0 to 1
};

struct Box {
    double x = 0, y = 0, width = 0, height = 0;
};

using Points = std::vector<std::pair<double, double>>;

enum class PageKind { png, pdf };
enum class Align { left, center, right };

struct TextStyle {
    double size = 11;
    Color color = {};
    Align align = Align::left;
    bool bold = false, upwards = false; ///< upwards: read from below
};

/// The same calls give the same bytes. Text is DejaVu Sans where it is installed.
class Canvas {
public:
    /// `made_at`: what a PDF says of its own date, ISO 8601.
    Canvas(PageKind kind, double width, double height, std::string const& made_at);
    ~Canvas();
    Canvas(Canvas&&) noexcept;
    Canvas& operator=(Canvas&&) noexcept;

    void fill(Box const& box, Color const& color);
    void frame(Box const& box, Color const& color, double width);
    /// `dash`: length of strokes and gaps, 0 = none.
    void line(Points const& points, Color const& color, double width, double dash = 0);
    void polygon(Points const& points, Color const& color);
    void circle(double x, double y, double radius, Color const& color);
    /// At the baseline.
    void text(double x, double y, std::string const& words, TextStyle const& style);
    double text_width(std::string const& words, TextStyle const& style) const;
    /// What is drawn until `unclip` shows inside the box alone.
    void clip(Box const& box);
    void unclip();

    /// The file's bytes; nothing may be drawn after it. Throws IoError (output).
    std::string finish();

private:
    struct Page;
    std::unique_ptr<Page> page_;
};

} // namespace sqd
