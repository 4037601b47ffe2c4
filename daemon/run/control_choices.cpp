#include "daemon/run/control_choices.hpp"

#include "daemon/journal/series_fields.hpp"

#include <cstdint>
#include <utility>

namespace sqd {

template <>
inline constexpr std::uint8_t enumerators<BackgroundUse> = 4;

template <class Io, maybe_const<Announced> S>
void fields(Io& io, S& s) {
    io.each(s.id, s.request, s.said);
}

template <class Io, maybe_const<BackgroundChoice> S>
void fields(Io& io, S& s) {
    io.each(s.use, s.scan);
}

template <class Io, maybe_const<ReferenceName> S>
void fields(Io& io, S& s) {
    io.each(s.uid, s.id, s.file);
}

template <class Io, maybe_const<ControlChoices> S>
void fields(Io& io, S& s) {
    io.each(s.announcement, s.background, s.reference);
}

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t version = 1;

} // namespace

std::vector<std::byte> choices_bytes(ControlChoices const& choices) {
    ByteWriter out;
    out(version);
    out(choices);
    return out.take();
}

ControlChoices read_choices(std::span<std::byte const> bytes) {
    ByteReader in(bytes);
    if (in.get<std::uint32_t>() != version) ByteReader::fail("is of another version");
    return in.get<ControlChoices>();
}

ChoiceKeeper::ChoiceKeeper(AnnouncementBoard const& announcements, BackgroundBoard const& backgrounds, ReferenceBoard const& references,
                           Keep keep)
    : announcements_(announcements), backgrounds_(backgrounds), references_(references), keep_(std::move(keep)) {}

bool ChoiceKeeper::keep(std::chrono::milliseconds patience) {
    std::shared_future<bool> written;
    bool hangs = false;
    {
        std::lock_guard const lock(mutex_);
        hangs = last_.valid() && last_.wait_for(0s) != std::future_status::ready;
        written = last_ = keep_(choices_bytes({announcements_.unsaved(), backgrounds_.choice(), references_.name()}));
    }
    return written.wait_for(hangs ? 0ms : patience) == std::future_status::ready && written.get();
}

} // namespace sqd
