// Batches of frames into sums: read, add, judge, and take out again what was not accepted.
#include "pipeline/reduce/frame_accumulator.hpp"

#include "pipeline/reduce/tile_sums.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <exception>
#include <limits>
#include <utility>

namespace sqd {

namespace {

/// What one worker collects from its tiles of a batch.
struct Worker {
    Worker(std::size_t bins, CpuTier tier) : histogram(bins, tier) {}

    BatchTiles tiles; ///< scratch
    std::array<BlockMemory, batch_frames> memory;
    BatchHistogram histogram;
    std::array<std::vector<std::uint32_t>, batch_frames> invalid; ///< pixels invalid although unmasked, ascending; cut off above the limit
    bool used = false;                                            ///< in this batch
};

/// What is known of the frames of a batch while it is worked on.
struct Batch {
    std::span<Frame const> frames;
    std::array<std::atomic<bool>, batch_frames> failed{};
    std::array<std::string, batch_frames> detail{};
    std::vector<FrameSet> added; ///< per tile: frames whose pixels are in the pixel sum

    /// The first failure of a frame names it.
    void fail(std::size_t frame, std::string const& what) {
        if (!failed[frame].exchange(true)) detail[frame] = what;
    }
    template <class Action>
    void guard(std::size_t frame, Action action) {
        try {
            action();
        } catch (std::exception const& error) {
            fail(frame, error.what());
        }
    }
};

/// Norm that the invalid pixels of a frame leave missing, per bin. `invalid` ascends, so the sums do not depend on the workers.
std::vector<BinDeficit> deficits(BinMap const& bins, std::vector<std::uint32_t> const& invalid) {
    std::vector<BinDeficit> out;
    if (invalid.empty()) return out;
    std::vector<BinDeficit> all(bins.axis.size() + 1);
    for (std::uint32_t const pixel : invalid) {
        BinDeficit& deficit = all[bins.bin[pixel]];
        deficit.bin = bins.bin[pixel];
        ++deficit.pixels;
        deficit.norm += static_cast<double>(bins.norm[pixel]);
    }
    all.pop_back();
    std::copy_if(all.begin(), all.end(), std::back_inserter(out), [](BinDeficit const& d) { return d.pixels > 0; });
    return out;
}

} // namespace

struct FrameAccumulator::Sums {
    Sums(std::shared_ptr<BinMap const> bins_, double max_invalid_fraction, CpuTier tier_)
        : bins(std::move(bins_)), tier(tier_), totals(bins->pixels()),
          max_invalid(static_cast<std::size_t>(max_invalid_fraction * static_cast<double>(bins->pixels() - bins->masked_pixels))) {
        idle.resize(tile_count(bins->pixels()));
        workers.resize(idle.size());
        for (std::size_t t = 0; t < idle.size(); ++t) {
            auto const words = std::span(bins->masked).subspan(t * tile_words, tile_words);
            idle[t] = std::all_of(words.begin(), words.end(), [](std::uint64_t word) { return ~word == 0; });
        }
    }

    Worker& worker(std::size_t slot);
    void read_and_add(Batch& batch, std::size_t tile, Worker& worker);
    void note_invalid(Tile const& tile, std::size_t number, std::vector<std::uint32_t>& invalid) const;
    std::vector<std::uint64_t> merged_histogram() const;
    std::vector<std::uint32_t> merged_invalid(std::size_t frame) const;
    FrameOutcome judge(Batch const& batch, std::size_t frame, std::vector<std::uint64_t> const& histogram);
    void take_out(Batch const& batch, FrameSet rejected, ParallelFor const& parallel_for);

    std::shared_ptr<BinMap const> bins;
    CpuTier tier;
    PixelTotals totals;
    std::vector<std::uint32_t> invalid_frames; ///< empty until a pixel is invalid
    std::size_t max_invalid;                   ///< pixels of one frame
    std::uint64_t frames = 0;
    std::array<PixelScratch, batch_frames> unpacked; ///< frames of a batch whose format has no tiles
    std::vector<bool> idle;                          ///< tiles that are wholly masked: never read
    /// By slot. Slots are fewer than tiles, so the vector never grows while threads use it; each touches its own entry.
    std::vector<std::unique_ptr<Worker>> workers;
};

/// The worker of a slot, ready for a new batch.
Worker& FrameAccumulator::Sums::worker(std::size_t slot) {
    assert(slot < workers.size());
    if (!workers[slot]) workers[slot] = std::make_unique<Worker>(bins->axis.size(), tier);
    workers[slot]->used = true;
    return *workers[slot];
}

void FrameAccumulator::Sums::note_invalid(Tile const& tile, std::size_t number, std::vector<std::uint32_t>& invalid) const {
    for (std::size_t w = 0; w < tile_words && invalid.size() <= max_invalid; ++w) {
        std::uint64_t bits = tile.invalid[w] & ~bins->masked[number * tile_words + w];
        for (; bits != 0; bits &= bits - 1) {
            std::size_t const pixel = number * tile_pixels + w * 64 + static_cast<std::size_t>(std::countr_zero(bits));
            invalid.push_back(static_cast<std::uint32_t>(pixel));
        }
    }
}

void FrameAccumulator::Sums::read_and_add(Batch& batch, std::size_t tile, Worker& worker) {
    FrameSet read = 0;
    for (std::size_t f = 0; f < batch.frames.size(); ++f) {
        if (batch.failed[f]) continue;
        batch.guard(f, [&] {
            batch.frames[f].tiles->read_along(tile, worker.tiles[f], worker.memory[f]);
            note_invalid(worker.tiles[f], tile, worker.invalid[f]);
            read = with(read, f);
        });
    }
    worker.histogram.add(worker.tiles, read, bins->bin.data() + tile * tile_pixels, tile, totals);
    batch.added[tile] = read;
}

/// Counts of all frames of the batch, [bin][frame].
std::vector<std::uint64_t> FrameAccumulator::Sums::merged_histogram() const {
    std::vector<std::uint64_t> total(bins->axis.size() * batch_frames);
    for (auto const& worker : workers) {
        if (worker && worker->used) worker->histogram.add_to(total);
    }
    return total;
}

/// Ascending, because slots number the tile ranges in ascending order.
std::vector<std::uint32_t> FrameAccumulator::Sums::merged_invalid(std::size_t frame) const {
    std::vector<std::uint32_t> out;
    for (auto const& worker : workers) {
        if (worker && worker->used) out.insert(out.end(), worker->invalid[frame].begin(), worker->invalid[frame].end());
    }
    return out;
}

FrameOutcome FrameAccumulator::Sums::judge(Batch const& batch, std::size_t frame, std::vector<std::uint64_t> const& histogram) {
    if (batch.failed[frame]) return {nullptr, "decode", batch.detail[frame]};
    auto const invalid = merged_invalid(frame);
    if (invalid.size() > max_invalid) {
        return {nullptr, "invalid_pixels",
                "more than " + std::to_string(max_invalid) +
                    " pixels outside the mask are invalid (dead modules or a wrong mask) "
                    "check the detector and the mask"};
    }
    auto counts = std::make_shared<FrameCounts>();
    counts->number = batch.frames[frame].number;
    counts->counts.resize(bins->axis.size());
    for (std::size_t b = 0; b < counts->counts.size(); ++b) {
        std::uint64_t const value = histogram[b * batch_frames + frame];
        if (value > std::numeric_limits<std::uint32_t>::max()) {
            return {nullptr, "decode",
                    std::to_string(value) + " counts in bin " + std::to_string(b) +
                        " of one frame (32 bits hold no more) check the pixel type or use more bins"};
        }
        counts->counts[b] = static_cast<std::uint32_t>(value);
    }
    counts->deficits = deficits(*bins, invalid);
    if (!invalid.empty() && invalid_frames.empty()) invalid_frames.resize(bins->pixels());
    for (std::uint32_t const pixel : invalid) ++invalid_frames[pixel];
    ++frames;
    return {std::move(counts), {}, {}};
}

/// Reads again what was added of the rejected frames, and subtracts it. What could be read once can be read again: the bytes are
/// the same.
void FrameAccumulator::Sums::take_out(Batch const& batch, FrameSet rejected, ParallelFor const& parallel_for) {
    parallel_for(batch.added.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        Tile scratch;
        for (std::size_t t = begin; t < end; ++t) {
            for (std::size_t f = 0; f < batch.frames.size(); ++f) {
                if (!contains(rejected, f) || !contains(batch.added[t], f)) continue;
                batch.frames[f].tiles->read(t, scratch);
                subtract_tile(scratch, t, totals);
            }
        }
    });
}

FrameAccumulator::FrameAccumulator(std::shared_ptr<BinMap const> bins, double max_invalid_fraction, CpuTier tier)
    : sums_(std::make_unique<Sums>(std::move(bins), max_invalid_fraction, tier)) {}
FrameAccumulator::~FrameAccumulator() = default;
FrameAccumulator::FrameAccumulator(FrameAccumulator&&) noexcept = default;
FrameAccumulator& FrameAccumulator::operator=(FrameAccumulator&&) noexcept = default;

std::vector<FrameOutcome> FrameAccumulator::add(std::span<Frame const> frames, ParallelFor const& parallel_for) {
    assert(frames.size() <= batch_frames);
    assert(std::all_of(frames.begin(), frames.end(), [&](Frame const& frame) {
        return frame.tiles && frame.rows == bins().geometry.rows && frame.cols == bins().geometry.cols;
    }));
    Sums& sums = *sums_;
    Batch batch{.frames = frames, .added = std::vector<FrameSet>(sums.idle.size())};
    for (auto const& worker : sums.workers) {
        if (worker) worker->used = false;
    }
    parallel_for(batch.frames.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t f = begin; f < end; ++f) batch.guard(f, [&] { batch.frames[f].tiles->prepare(sums.unpacked[f]); });
    });
    parallel_for(sums.idle.size(), [&](std::size_t begin, std::size_t end, std::size_t slot) {
        Worker& worker = sums.worker(slot);
        worker.histogram.clear();
        for (auto& list : worker.invalid) list.clear();
        for (auto& memory : worker.memory) memory.block = BlockMemory::none; // of other frames
        for (std::size_t t = begin; t < end; ++t) {
            if (!sums.idle[t]) sums.read_and_add(batch, t, worker);
        }
    });

    auto const histogram = sums.merged_histogram();
    std::vector<FrameOutcome> outcomes;
    FrameSet rejected = 0;
    for (std::size_t f = 0; f < batch.frames.size(); ++f) {
        outcomes.push_back(sums.judge(batch, f, histogram));
        if (!outcomes.back().counts) rejected = with(rejected, f);
    }
    if (rejected != 0) sums.take_out(batch, rejected, parallel_for);
    return outcomes;
}

BinMap const& FrameAccumulator::bins() const {
    return *sums_->bins;
}
std::shared_ptr<BinMap const> FrameAccumulator::shared_bins() const {
    return sums_->bins;
}
PixelTotals const& FrameAccumulator::pixel_totals() const {
    return sums_->totals;
}
std::vector<std::uint64_t> FrameAccumulator::pixel_sum() const {
    std::vector<std::uint64_t> out(sums_->totals.pixels());
    sums_->totals.copy(0, out);
    return out;
}
std::vector<std::uint32_t> const& FrameAccumulator::invalid_frames() const {
    return sums_->invalid_frames;
}
std::uint64_t FrameAccumulator::frames() const {
    return sums_->frames;
}

void FrameAccumulator::copy(FrameSums& out, ParallelFor const& parallel_for) const {
    auto const& invalid = sums_->invalid_frames;
    out.frames = sums_->frames;
    out.pixels.resize(sums_->totals.pixels());
    out.invalid_frames.resize(invalid.size());
    parallel_for(out.pixels.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        sums_->totals.copy(begin, std::span<std::uint64_t>(out.pixels).subspan(begin, end - begin));
        if (!invalid.empty()) std::copy_n(invalid.data() + begin, end - begin, out.invalid_frames.data() + begin);
    });
}

void FrameAccumulator::restore(FrameSums const& sums) {
    assert(sums_->frames == 0);
    assert(sums.pixels.size() == sums_->totals.pixels() &&
           (sums.invalid_frames.empty() || sums.invalid_frames.size() == sums.pixels.size()));
    sums_->totals.assign(sums.pixels);
    sums_->invalid_frames.assign(sums.invalid_frames.begin(), sums.invalid_frames.end());
    sums_->frames = sums.frames;
}

} // namespace sqd
