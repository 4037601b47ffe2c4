// NexusArchive's fields, as nexus_steps.cpp and nexus_real_space.cpp write them.
#include "daemon/archive/read_result.hpp"

#include "daemon/import/hdf5_field.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

namespace fs = std::filesystem;

using Values = std::vector<double>;

/// A group of the file, of which fields are read.
struct Reader {
    hid_t file;
    std::string group;

    Reader inside(std::string const& name) const { return {file, group + "/" + name}; }
    bool there() const { return has_object(file, group); }
    bool has(std::string const& name) const { return has_object(file, group + "/" + name); }
    std::string text(std::string const& name) const { return find_text(file, group + "/" + name).value_or(""); }
    /// NaN where there is none.
    double number(std::string const& name) const { return find_real(file, group + "/" + name).value_or(std::nan("")); }
    /// 0 where there is none: of a part that was never apart.
    double part(std::string const& name) const { return find_real(file, group + "/" + name).value_or(0); }
    Values values(std::string const& name, std::size_t size) const {
        auto found = find_reals(file, group + "/" + name);
        if (!found || found->size() != size)
            throw DecodeError(DecodeFault::corrupt,
                              group + "/" + name + ": not the " + std::to_string(size) + " numbers that belong there");
        return std::move(*found);
    }
    /// Empty where there are none.
    Values values_or_none(std::string const& name, std::size_t size) const {
        auto const found = find_reals(file, group + "/" + name);
        return !found || found->empty() ? Values{} : values(name, size);
    }
    Values axis(std::string const& name) const {
        auto found = find_reals(file, group + "/" + name);
        if (!found || found->empty()) throw DecodeError(DecodeFault::corrupt, group + "/" + name + ": no numbers");
        return std::move(*found);
    }
};

Fsdp peak(Reader const& in) {
    Fsdp f;
    f.model = in.text("model"), f.on = in.text("on");
    f.q1 = in.number("q1"), f.q1_sigma = in.number("q1_sigma"), f.q1_background_sigma = in.part("q1_background_sigma");
    f.q1_sigma_geometry = in.part("q1_sigma_geometry"), f.q1_max = in.number("q1_max");
    f.fwhm = in.number("fwhm"), f.fwhm_sigma = in.number("fwhm_sigma"), f.fwhm_background_sigma = in.part("fwhm_background_sigma");
    f.height = in.number("height"), f.height_sigma = in.number("height_sigma");
    f.height_background_sigma = in.part("height_background_sigma");
    f.window_low = in.number("window_low"), f.window_high = in.number("window_high");
    return f;
}

CurveErrors errors(Reader const& in, std::size_t points) {
    CurveErrors e;
    if (!in.there()) return e;
    e.sigma = in.values("sigma", points), e.direct = in.values("direct", points);
    e.background_sigma = in.values_or_none("background_sigma", points), e.correlation = in.values_or_none("correlation", points);
    for (std::size_t i = 1; in.has("shared" + std::to_string(i)); ++i) {
        Reader const shared = in.inside("shared" + std::to_string(i));
        e.shared.push_back({shared.values("effect", points), shared.values("response", points)});
    }
    return e;
}

StructureFactor structure_factor(Reader const& in) {
    StructureFactor sq;
    Reader const data = in.inside("data"), parameters = in.inside("parameters");
    sq.q_invA = data.axis("q");
    std::size_t const points = sq.q_invA.size();
    sq.s = data.values("S", points), sq.s_sigma = data.values("S_errors", points);
    sq.s_background_sigma = data.values_or_none("S_background_errors", points);
    sq.form = in.text("form");
    sq.normalization.method = parameters.text("method");
    sq.normalization.alpha = parameters.number("alpha"), sq.normalization.alpha_sigma = parameters.number("alpha_sigma");
    sq.errors = errors(in.inside("errors"), points);
    return sq;
}

/// One number of every shell.
std::vector<Estimate> estimates(Reader const& in, std::string const& name, std::size_t shells) {
    Values const values = in.values(name, shells), sigma = in.values(name + "_errors", shells),
                 background = in.values(name + "_background_errors", shells);
    std::vector<Estimate> out;
    for (std::size_t i = 0; i < shells; ++i) out.push_back({values[i], sigma[i], background[i]});
    return out;
}

std::vector<Shell> shells(Reader const& in) {
    auto const places = find_reals(in.file, in.group + "/shell_r");
    if (!places || places->empty()) return {};
    auto const r = estimates(in, "shell_r", places->size()), height = estimates(in, "shell_height", places->size()),
               coordination = estimates(in, "shell_coordination", places->size());
    std::vector<Shell> out(places->size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].r_A = r[i], out[i].height = height[i];
        if (std::isfinite(coordination[i].value)) out[i].coordination = coordination[i];
    }
    return out;
}

PairDistribution pair_distribution(Reader const& in) {
    PairDistribution gr;
    Reader const data = in.inside("data"), parameters = in.inside("parameters");
    gr.r_A = data.axis("r");
    std::size_t const points = gr.r_A.size();
    gr.g = data.values("G", points), gr.g_sigma = data.values("G_errors", points);
    gr.g_background_sigma = data.values_or_none("G_background_errors", points);
    gr.q_max_invA = parameters.number("q_max"), gr.window = parameters.text("window");
    gr.low_r_cut_A = parameters.part("low_r_cut"), gr.iterations = static_cast<int>(parameters.part("iterations"));
    gr.low_r_method = parameters.text("low_r_method"), gr.top_hat_invA = parameters.part("top_hat");
    gr.shells = shells(parameters);
    return gr;
}

bool inside(fs::path const& directory, fs::path const& file) {
    return std::mismatch(directory.begin(), directory.end(), file.begin(), file.end()).first == directory.end();
}

} // namespace

ComparedResult read_result(fs::path const& path) {
    Hdf5Handle const file = open_hdf5(path);
    Reader const entry{file.id(), "/entry"};
    if (find_text_attribute(file.id(), "/", "creator") != "sqd" || !entry.there())
        throw DecodeError(DecodeFault::unsupported, path.string() + ": no archive of sqd (other programs' files are not compared)");
    ComparedResult out;
    out.uid = entry.text("entry_identifier_uuid"), out.id = entry.text("sample/name"), out.mount = entry.text("sample/mount");
    out.composition = entry.text("sample/composition");
    out.background_uid = entry.text("provenance/background_uid"), out.geometry_sha256 = entry.text("provenance/geometry_sha256");
    out.wavelength_A = entry.part("instrument/monochromator/wavelength");
    if (entry.has("fsdp")) out.fsdp = peak(entry.inside("fsdp/parameters"));
    if (entry.has("structure_factor")) out.sq = structure_factor(entry.inside("structure_factor"));
    if (entry.has("pair_distribution")) out.gr = pair_distribution(entry.inside("pair_distribution"));
    return out;
}

ComparedResult read_archived(fs::path const& directory, std::string const& name) {
    std::error_code error;
    fs::path const root = fs::canonical(directory, error), file = error ? fs::path{} : fs::canonical(root / name, error);
    // A link or `..` may lead anywhere; what counts is where it ends. The system reads a name up to its first NUL.
    if (error || name.find('\0') != name.npos || !inside(root, file) || !fs::is_regular_file(file, error))
        throw DataError("no file of that name in the archive (name it relative to the archive's directory)");
    return read_result(file);
}

} // namespace sqd
