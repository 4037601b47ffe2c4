#include "daemon/import/image_series.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sqd {

namespace {

class ImageEvents {
public:
    ImageEvents(std::vector<ImageSource> sources, FileOptions options) : sources_(std::move(sources)), options_(std::move(options)) {}

    std::optional<FileEvent> operator()() {
        while (true) {
            if (file_ && image_ < file_->images) return next_image();
            file_.reset();
            if (next_source_ == sources_.size()) break;
            if (auto event = open_source(sources_[next_source_++])) return event;
        }
        if (!std::exchange(started_, false)) return std::nullopt;
        return FileEvent{sources_.back().item, SeriesEnd{series(), false}};
    }

private:
    SeriesKey series() const { return {options_.series_id, ""}; }
    std::optional<FileEvent> open_source(ImageSource const& source);
    FileEvent start_event(ImageSource const& source);
    FileEvent next_image();
    FileEvent unread(std::string const& item, DecodeFault fault, std::string const& what) { return {item, UnreadItem{fault, what}}; }

    std::vector<ImageSource> sources_;
    FileOptions options_;
    std::size_t next_source_ = 0;
    std::optional<ImageFile> file_;
    std::string item_;
    bool numbered_ = false, started_ = false, ever_started_ = false;
    std::uint64_t image_ = 0;                   ///< next one of the open file
    std::uint64_t number_ = 0;                  ///< of the next image in the series
    std::optional<std::uint64_t> first_number_; ///< stated by the first file of the series
};

/// An event where there is one to tell: the series starts, or the source does not open.
std::optional<FileEvent> ImageEvents::open_source(ImageSource const& source) {
    try {
        file_ = source.open();
    } catch (DecodeError const& error) {
        ++number_;
        return unread(source.item, error.fault(), error.what());
    } catch (IoError const& error) {
        ++number_;
        return unread(source.item, DecodeFault::truncated, error.what());
    }
    image_ = 0;
    item_ = source.item;
    numbered_ = source.numbered || file_->images > 1;
    if (file_->first_number) {
        if (!first_number_) first_number_ = next_source_ == 1 ? *file_->first_number : 0;
        if (*file_->first_number >= *first_number_) number_ = std::max(number_, *file_->first_number - *first_number_);
    }
    if (std::exchange(ever_started_, true)) return std::nullopt;
    return start_event(source);
}

FileEvent ImageEvents::start_event(ImageSource const& source) {
    started_ = true;
    SeriesStart start = file_->about;
    start.series = series();
    start.first_image = number_;
    if (!start.images_expected && sources_.size() == 1) start.images_expected = file_->images;
    if (!start.images_expected && file_->images == 1) start.images_expected = sources_.size();
    if (options_.exposure_s) start.count_time_s = options_.exposure_s;
    return {source.item, std::move(start)};
}

FileEvent ImageEvents::next_image() {
    std::uint64_t const i = image_++, number = number_++;
    std::string const item = numbered_ ? item_ + "#" + std::to_string(i) : item_;
    try {
        FileImage image = file_->read(i);
        FileEvent event{item, {}};
        std::visit(
            [&](auto& any) {
                any.series = series();
                any.number = number;
                if (options_.exposure_s) any.exposure_s = options_.exposure_s;
                event.says = std::move(any);
            },
            image);
        return event;
    } catch (DecodeError const& error) {
        return unread(item, error.fault(), error.what());
    } catch (IoError const& error) {
        return unread(item, DecodeFault::truncated, error.what());
    }
}

} // namespace

FileReading image_events(std::vector<ImageSource> sources, FileOptions const& options) {
    auto const events = std::make_shared<ImageEvents>(std::move(sources), options);
    return [events] { return (*events)(); };
}

} // namespace sqd
