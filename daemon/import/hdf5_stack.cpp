#include "daemon/import/hdf5_stack.hpp"

#include "daemon/import/hdf5_dataset.hpp"
#include "daemon/import/hdf5_field.hpp"
#include "detectors/codec/bitshuffle_tiles.hpp"
#include "detectors/codec/block_framing.hpp"
#include "detectors/codec/whole_frame_tiles.hpp"

#include <array>
#include <utility>
#include <vector>

namespace sqd {

namespace {

constexpr H5Z_filter_t lz4_filter = 32004, bitshuffle_filter = 32008;

/// How this program decodes a chunk by itself.
enum class Packing { plain, lz4, bitshuffle_lz4 };

struct Stack {
    std::shared_ptr<Hdf5Handle const> dataset;
    std::string path;
    bool flat = false; ///< two dimensions: one image
    std::uint64_t images = 1;
    StoredPixels stored;
    std::optional<Packing> chunk; ///< of one image, if HDF5 is not needed to unpack it
    std::string encoding;
    std::optional<std::uint64_t> saturation;
};

[[noreturn]] void hdf5_failed(Stack const& stack, std::string const& what) {
    throw DecodeError(DecodeFault::corrupt, stack.path + ": " + what + " (" + hdf5_reason() + ")");
}

void read_shape(Stack& stack) {
    Hdf5Handle const space = opened(H5Dget_space(stack.dataset->id()), H5Sclose, stack.path);
    std::array<hsize_t, 3> sides{};
    int const dimensions = H5Sget_simple_extent_ndims(space.id());
    if (dimensions != 2 && dimensions != 3)
        throw DecodeError(DecodeFault::unsupported,
                          stack.path + " has " + std::to_string(dimensions) + " dimensions (2 are an image, 3 are several)");
    H5Sget_simple_extent_dims(space.id(), sides.data(), nullptr);
    stack.flat = dimensions == 2;
    stack.images = stack.flat ? 1 : sides[0];
    stack.stored.rows = sides[stack.flat ? 0 : 1];
    stack.stored.cols = sides[stack.flat ? 1 : 2];
}

/// Whether the pixels are stored as this machine has them.
bool read_type(Stack& stack, bool any_number) {
    Hdf5Handle const type = opened(H5Dget_type(stack.dataset->id()), H5Tclose, stack.path);
    auto const kind = H5Tget_class(type.id());
    if (kind != H5T_INTEGER && kind != H5T_FLOAT && !(any_number && kind == H5T_ENUM))
        throw DecodeError(DecodeFault::unsupported, stack.path + " holds no numbers (integers and floating point are images)");
    stack.stored.bytes = static_cast<unsigned>(std::min<std::size_t>(H5Tget_size(type.id()), 64));
    stack.stored.is_real = kind == H5T_FLOAT;
    stack.stored.is_signed = !stack.stored.is_real && H5Tget_sign(type.id()) == H5T_SGN_2;
    return H5Tget_order(type.id()) == H5T_ORDER_LE && H5Tget_precision(type.id()) == 8 * stack.stored.bytes;
}

bool is_chunk_of_one_image(Stack const& stack, hid_t properties) {
    std::array<hsize_t, 3> sides{};
    int const dimensions = stack.flat ? 2 : 3;
    if (H5Pget_layout(properties) != H5D_CHUNKED || H5Pget_chunk(properties, dimensions, sides.data()) != dimensions) return false;
    bool const one = stack.flat || sides[0] == 1;
    return one && sides[stack.flat ? 0 : 1] == stack.stored.rows && sides[stack.flat ? 1 : 2] == stack.stored.cols;
}

/// The filters of a dataset: how this program unpacks them, if it can, and their name.
void read_filters(Stack& stack, hid_t properties) {
    int const filters = H5Pget_nfilters(properties);
    stack.encoding = "hdf5";
    if (filters == 0) stack.chunk = Packing::plain;
    for (int i = 0; i < filters; ++i) {
        unsigned flags = 0, config = 0;
        std::array<unsigned, 8> values{};
        std::size_t count = values.size();
        auto const filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &count, values.data(), 0, nullptr, &config);
        stack.encoding.append(" ").append(std::to_string(filter));
        constexpr std::size_t compression_at = 4;
        constexpr unsigned lz4 = 2; // bitshuffle may also pack by nothing (0) or zstd (3), framed in other ways
        bool const shuffled_lz4 = filter == bitshuffle_filter && count > compression_at && values[compression_at] == lz4;
        if (filters == 1 && filter == lz4_filter) stack.chunk = Packing::lz4;
        if (filters == 1 && shuffled_lz4) stack.chunk = Packing::bitshuffle_lz4;
    }
}

Stack stack_of(hid_t file, std::string const& path, std::optional<std::uint64_t> saturation, FileOptions const& options) {
    Stack stack;
    stack.dataset = std::make_shared<Hdf5Handle const>(open_hdf5_dataset(file, path, options.decoder.limits));
    stack.path = path;
    stack.saturation = saturation;
    read_shape(stack);
    bool const as_here = read_type(stack, options.any_number);
    Hdf5Handle const properties = opened(H5Dget_create_plist(stack.dataset->id()), H5Pclose, path);
    read_filters(stack, properties.id());
    if (!as_here || stack.stored.is_real || stack.stored.bytes == 8 || !is_chunk_of_one_image(stack, properties.id())) stack.chunk.reset();
    return stack;
}

/// The stored bytes of an image's chunk, and whether its filter was left out when it was written.
std::pair<std::vector<std::byte>, bool> read_chunk(Stack const& stack, std::uint64_t i, DecoderLimits const& limits) {
    std::array<hsize_t, 3> at{};
    if (!stack.flat) at[0] = i;
    hsize_t size = 0;
    bool const told = H5Dget_chunk_storage_size(stack.dataset->id(), at.data(), &size) >= 0;
    if (!told || size == 0)
        throw DecodeError(DecodeFault::truncated, "image was never written (" + (told ? "its place is empty" : hdf5_reason()) + ")");
    if (size > limits.max_image_bytes)
        throw DecodeError(DecodeFault::oversized,
                          "chunk of " + std::to_string(size) + " bytes (at most " + std::to_string(limits.max_image_bytes) + " are read)");
    std::vector<std::byte> bytes(size);
    std::uint32_t skipped_filters = 0;
    if (H5Dread_chunk(stack.dataset->id(), H5P_DEFAULT, at.data(), &skipped_filters, bytes.data()) < 0)
        hdf5_failed(stack, "chunk cannot be read");
    return {std::move(bytes), (skipped_filters & 1u) != 0};
}

std::shared_ptr<TileReader> tiles_of(Packing packing, MessagePart payload, PixelFormat const& format) {
    switch (packing) {
    case Packing::bitshuffle_lz4: return std::make_shared<BitshuffleTiles>(std::move(payload), format);
    case Packing::lz4: return std::make_shared<UnpackedTiles>(std::move(payload), format, decompress_framed_lz4);
    case Packing::plain: break;
    }
    return std::make_shared<RawTiles>(std::move(payload), format);
}

Frame chunk_image(Stack const& stack, std::uint64_t i, FileOptions const& options) {
    auto [bytes, skipped] = read_chunk(stack, i, options.decoder.limits);
    StoredPixels const& stored = stack.stored;
    Frame frame;
    frame.rows = stored.rows;
    frame.cols = stored.cols;
    frame.bits = 8 * stored.bytes;
    frame.is_signed = stored.is_signed;
    frame.encoding = stack.encoding;
    frame.bytes = bytes.size();
    PixelFormat const format{stored.rows * stored.cols, stored.bytes,
                             largest_valid_count({stored.bytes, stored.is_signed}, stack.saturation, options.decoder.pixels)};
    frame.tiles = tiles_of(skipped ? Packing::plain : *stack.chunk, owned_part(std::move(bytes)), format);
    return frame;
}

/// The type in memory: as stored, but in this machine's byte order.
hid_t memory_type(StoredPixels const& stored) {
    if (stored.is_real) return stored.bytes == 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
    switch (stored.bytes) {
    case 1: return stored.is_signed ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8;
    case 2: return stored.is_signed ? H5T_NATIVE_INT16 : H5T_NATIVE_UINT16;
    case 8: return stored.is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
    default: return stored.is_signed ? H5T_NATIVE_INT32 : H5T_NATIVE_UINT32;
    }
}

FileImage hdf5_image(Stack const& stack, std::uint64_t i, FileOptions const& options) {
    StoredPixels const& stored = stack.stored;
    std::vector<std::byte> pixels(stored.size_bytes());
    Hdf5Handle const all = opened(H5Dget_space(stack.dataset->id()), H5Sclose, stack.path);
    std::array<hsize_t, 3> first{i, 0, 0}, count{1, stored.rows, stored.cols};
    if (!stack.flat && H5Sselect_hyperslab(all.id(), H5S_SELECT_SET, first.data(), nullptr, count.data(), nullptr) < 0)
        hdf5_failed(stack, "image cannot be selected");
    Hdf5Handle const one = opened(H5Screate_simple(2, count.data() + 1, nullptr), H5Sclose, stack.path);
    if (H5Dread(stack.dataset->id(), memory_type(stored), one.id(), all.id(), H5P_DEFAULT, pixels.data()) < 0)
        hdf5_failed(stack, "image cannot be read");
    return plain_image(std::move(pixels), stored, stack.encoding, stack.saturation, options);
}

} // namespace

ImageFile open_hdf5_stack(hid_t file, std::string const& path, std::optional<std::uint64_t> saturation, FileOptions const& options) {
    Stack const stack = stack_of(file, path, saturation, options);
    check_stored(stack.stored, options);
    ImageFile out;
    out.about.rows = stack.stored.rows;
    out.about.cols = stack.stored.cols;
    out.images = stack.images;
    if (auto const low = find_attribute(stack.dataset->id(), "image_nr_low"); low && *low > 0) out.first_number = *low - 1;
    out.read = [stack, options](std::uint64_t i) -> FileImage {
        silence_hdf5(); // the caller's thread need not be the one that opened
        if (stack.chunk) return chunk_image(stack, i, options);
        return hdf5_image(stack, i, options);
    };
    return out;
}

} // namespace sqd
