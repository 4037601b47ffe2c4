// Help that begins with examples.
#pragma once

#include <memory>
#include <string>

namespace CLI {
class FormatterBase;
}

namespace sqd {

/// A verb's footer: lines of examples below "Examples:", then the rest.
struct Footer {
    std::string examples; ///< with their heading; ends with a line end, or is empty
    std::string rest;
};
Footer split_footer(std::string const& footer);

/// Description, examples, usage, options, the rest of the footer.
std::shared_ptr<CLI::FormatterBase> examples_first();

} // namespace sqd
