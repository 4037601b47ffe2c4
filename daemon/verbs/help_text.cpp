#include "daemon/verbs/help_text.hpp"

#include <CLI/CLI.hpp>

namespace sqd {

namespace {

class ExamplesFirst final : public CLI::Formatter {
public:
    ExamplesFirst() {
        constexpr std::size_t option_column = 30;
        column_width(option_column);
    }
    std::string make_help(CLI::App const* app, std::string name, CLI::AppFormatMode mode) const override {
        if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
        Footer const footer = split_footer(app->get_footer());
        std::string out =
            app->get_name().empty() || app->get_parent() == nullptr ? app->get_description() : name + " - " + app->get_description();
        out += "\n\n" + footer.examples + (footer.examples.empty() ? "" : "\n");
        out += make_usage(app, name) + make_positionals(app) + make_groups(app, mode) + make_subcommands(app, mode);
        return footer.rest.empty() ? out : out + "\n" + footer.rest + "\n";
    }
};

} // namespace

Footer split_footer(std::string const& footer) {
    std::string const heading = "Examples:\n";
    if (!footer.starts_with(heading)) return {"", footer};
    std::size_t at = heading.size();
    while (at < footer.size() && footer.compare(at, 2, "  ") == 0) at = std::min(footer.find('\n', at), footer.size() - 1) + 1;
    std::string examples = footer.substr(0, at);
    if (examples.back() != '\n') examples += '\n';
    return {std::move(examples), footer.substr(at)};
}

std::shared_ptr<CLI::FormatterBase> examples_first() {
    return std::make_shared<ExamplesFirst>();
}

} // namespace sqd
