// What is written has passed the checks of `sqd run`.
#include "daemon/verbs/init.hpp"

#include "config/load.hpp"
#include "daemon/durable_file.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/verbs/init_text.hpp"
#include "pipeline/core/errors.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>

namespace sqd {

namespace {

struct InitArguments {
    InitRequest request;
    std::string output;
};

int init_command(InitArguments const& arguments) {
    std::string const yaml = init_text(arguments.request);
    parse_config(yaml, arguments.output.empty() ? "init" : arguments.output, read_mask_image, read_number_image);
    if (arguments.output.empty()) {
        std::fputs(yaml.c_str(), stdout);
        return 0;
    }
    if (std::filesystem::exists(arguments.output))
        throw IoError(arguments.output + ": exists already (nothing was replaced) choose another name", true);
    create_file(arguments.output, std::as_bytes(std::span(yaml)));
    std::printf("wrote %s; next: sqd check %s\n", arguments.output.c_str(), arguments.output.c_str());
    return 0;
}

} // namespace

void add_init(CLI::App& app, std::function<int()>& run) {
    auto arguments = std::make_shared<InitArguments>();
    InitRequest& request = arguments->request;
    CLI::App* verb = app.add_subcommand("init", "a first configuration, commented, from your calibration");
    verb->footer("Examples:\n"
                 "  sqd init --poni detector.poni -o station.yaml\n"
                 "  sqd init --poni detector.poni --mask beamstop.npy --from tcp://dcu:9999 -o station.yaml\n"
                 "  sqd init --poni detector.poni --composition LaB6 --density 4.72 --thickness 400 -o lab6.yaml      with S(q), and G(r) "
                 "if q is high enough\n"
                 "  sqd init --poni detector.poni | sqd check -\n"
                 "A detector that the .poni does not name is taken by its pixels where only one has them, else say it by pyFAI's name. "
                 "Without composition and density\n"
                 "there is no S(q): I(q) is integrated, and the peak fitted on it.");
    verb->add_option("--poni", request.poni, "pyFAI's .poni, or pyFAI-integrate's .json")->required();
    verb->add_option("--detector", request.detector, "pyFAI's name [the .poni's]: Eiger4M, PilatusCdTe2M, ...");
    verb->add_option("--source", request.source, "what the detector speaks [by its name]")
        ->check(CLI::IsMember({"dectris_stream1", "dectris_stream2", "pilatus_stream", "array_stream", "cbf_folder"}));
    verb->add_option("--from", request.from, "endpoint of its stream; of cbf_folder the folder");
    verb->add_option("--mask", request.masks, "mask files, non-zero = masked")->take_all();
    verb->add_option("--energy", request.energy_keV, "photon energy in keV [the .poni's wavelength]")->check(CLI::PositiveNumber);
    verb->add_option("--composition", request.composition, "of the sample: Zr46.8Ti8.2Cu7.5Ni10Be27.5, LaB6, ...");
    verb->add_option("--density", request.density_g_cm3, "of the sample in g/cm3")->check(CLI::PositiveNumber);
    verb->add_option("--thickness", request.thickness_um, "of the sample in um")->check(CLI::NonNegativeNumber);
    verb->add_option("-o,--output", arguments->output, "file to write; it may not exist [standard output]");
    verb->callback([arguments, &run] { run = [arguments] { return init_command(*arguments); }; });
}

} // namespace sqd
