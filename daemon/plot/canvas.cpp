#include "daemon/plot/canvas.hpp"

#include "pipeline/core/errors.hpp"

#include <cairo-pdf.h>
#include <cairo.h>

#include <array>

namespace sqd {

namespace {

constexpr char const* font = "DejaVu Sans";

cairo_status_t append(void* to, unsigned char const* bytes, unsigned int size) {
    static_cast<std::string*>(to)->append(reinterpret_cast<char const*>(bytes), size);
    return CAIRO_STATUS_SUCCESS;
}

using Surface = std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)>;

Surface surface(PageKind kind, double width, double height, std::string const& made_at, std::string& out) {
    if (kind == PageKind::png)
        return {cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)), cairo_surface_destroy};
    Surface pdf(cairo_pdf_surface_create_for_stream(append, &out, width, height), cairo_surface_destroy);
    cairo_pdf_surface_set_metadata(pdf.get(), CAIRO_PDF_METADATA_CREATE_DATE, made_at.c_str());
    return pdf;
}

} // namespace

struct Canvas::Page {
    Page(PageKind kind_, double width, double height, std::string const& made_at)
        : kind(kind_), on(surface(kind, width, height, made_at, bytes)), pen(cairo_create(on.get()), cairo_destroy) {
        cairo_select_font_face(pen.get(), font, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_line_join(pen.get(), CAIRO_LINE_JOIN_ROUND);
    }
    void color(Color const& c) { cairo_set_source_rgba(pen.get(), c.red, c.green, c.blue, c.opacity); }
    void path(Points const& points) {
        cairo_new_path(pen.get());
        for (auto const& [x, y] : points) cairo_line_to(pen.get(), x, y);
    }
    void font_of(TextStyle const& style) const {
        cairo_select_font_face(pen.get(), font, CAIRO_FONT_SLANT_NORMAL, style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(pen.get(), style.size);
    }

    PageKind kind;
    std::string bytes;
    Surface on;
    std::unique_ptr<cairo_t, void (*)(cairo_t*)> pen;
};

Canvas::Canvas(PageKind kind, double width, double height, std::string const& made_at)
    : page_(std::make_unique<Page>(kind, width, height, made_at)) {}
Canvas::~Canvas() = default;
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;

void Canvas::fill(Box const& box, Color const& color) {
    page_->color(color);
    cairo_rectangle(page_->pen.get(), box.x, box.y, box.width, box.height);
    cairo_fill(page_->pen.get());
}

void Canvas::frame(Box const& box, Color const& color, double width) {
    page_->color(color);
    cairo_set_line_width(page_->pen.get(), width);
    cairo_rectangle(page_->pen.get(), box.x, box.y, box.width, box.height);
    cairo_stroke(page_->pen.get());
}

void Canvas::line(Points const& points, Color const& color, double width, double dash) {
    page_->color(color);
    cairo_set_line_width(page_->pen.get(), width);
    cairo_set_dash(page_->pen.get(), &dash, dash > 0 ? 1 : 0, 0);
    page_->path(points);
    cairo_stroke(page_->pen.get());
    cairo_set_dash(page_->pen.get(), nullptr, 0, 0);
}

void Canvas::polygon(Points const& points, Color const& color) {
    page_->color(color);
    page_->path(points);
    cairo_close_path(page_->pen.get());
    cairo_fill(page_->pen.get());
}

void Canvas::circle(double x, double y, double radius, Color const& color) {
    constexpr double whole_turn = 6.283185307179586;
    page_->color(color);
    cairo_new_path(page_->pen.get());
    cairo_arc(page_->pen.get(), x, y, radius, 0, whole_turn);
    cairo_fill(page_->pen.get());
}

double Canvas::text_width(std::string const& words, TextStyle const& style) const {
    page_->font_of(style);
    cairo_text_extents_t extents{};
    cairo_text_extents(page_->pen.get(), words.c_str(), &extents);
    return extents.x_advance;
}

void Canvas::text(double x, double y, std::string const& words, TextStyle const& style) {
    constexpr double quarter_turn = -1.5707963267948966;
    double const width = text_width(words, style), shift = style.align == Align::left     ? 0
                                                           : style.align == Align::center ? -width / 2
                                                                                          : -width;
    page_->color(style.color);
    cairo_save(page_->pen.get());
    cairo_translate(page_->pen.get(), x, y);
    if (style.upwards) cairo_rotate(page_->pen.get(), quarter_turn);
    cairo_move_to(page_->pen.get(), shift, 0);
    cairo_show_text(page_->pen.get(), words.c_str());
    cairo_restore(page_->pen.get());
}

void Canvas::clip(Box const& box) {
    cairo_save(page_->pen.get());
    cairo_rectangle(page_->pen.get(), box.x, box.y, box.width, box.height);
    cairo_clip(page_->pen.get());
}

void Canvas::unclip() {
    cairo_restore(page_->pen.get());
}

std::string Canvas::finish() {
    cairo_status_t status = cairo_status(page_->pen.get());
    if (status == CAIRO_STATUS_SUCCESS && page_->kind == PageKind::png)
        status = cairo_surface_write_to_png_stream(page_->on.get(), append, &page_->bytes);
    cairo_surface_finish(page_->on.get());
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(page_->on.get());
    if (status != CAIRO_STATUS_SUCCESS) throw IoError(std::string("cannot draw the page (") + cairo_status_to_string(status) + ")", true);
    return std::move(page_->bytes);
}

} // namespace sqd
