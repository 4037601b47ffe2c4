// zlib and libbz2 behind one loop that bounds what they write.
#include "daemon/import/unpack.hpp"

#include "pipeline/core/errors.hpp"

#include <bzlib.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string>

namespace sqd {

namespace {

constexpr std::size_t first_room = std::size_t{1} << 20;

enum class Step { more, member_ended, corrupt };

/// zlib's stream of one or more gzip members.
class Gzip {
public:
    static constexpr char const* name = "gzip";
    Gzip() {
        constexpr int largest_window_gzip_only = MAX_WBITS + 16;
        if (inflateInit2(&stream_, largest_window_gzip_only) != Z_OK) throw DecodeError(DecodeFault::unsupported, "zlib does not start");
    }
    ~Gzip() { inflateEnd(&stream_); }
    Gzip(Gzip const&) = delete;
    Gzip& operator=(Gzip const&) = delete;

    /// Takes from `in` and fills `out`, both shortened by what was used.
    Step operator()(std::span<std::byte const>& in, std::span<std::byte>& out) {
        constexpr std::size_t most = std::numeric_limits<uInt>::max();
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(in.data())); // zlib does not write there
        stream_.avail_in = static_cast<uInt>(std::min(in.size(), most));
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(std::min(out.size(), most));
        int const result = inflate(&stream_, Z_NO_FLUSH);
        in = in.last(static_cast<std::size_t>(in.data() + in.size() - reinterpret_cast<std::byte const*>(stream_.next_in)));
        out = out.last(static_cast<std::size_t>(out.data() + out.size() - reinterpret_cast<std::byte*>(stream_.next_out)));
        if (result == Z_STREAM_END) return inflateReset(&stream_) == Z_OK ? Step::member_ended : Step::corrupt;
        return result == Z_OK || result == Z_BUF_ERROR ? Step::more : Step::corrupt;
    }

private:
    z_stream stream_{};
};

/// libbz2's stream of one or more members.
class Bzip2 {
public:
    static constexpr char const* name = "bzip2";
    Bzip2() { start(); }
    ~Bzip2() { BZ2_bzDecompressEnd(&stream_); }
    Bzip2(Bzip2 const&) = delete;
    Bzip2& operator=(Bzip2 const&) = delete;

    Step operator()(std::span<std::byte const>& in, std::span<std::byte>& out) {
        constexpr std::size_t most = std::numeric_limits<unsigned>::max();
        stream_.next_in = const_cast<char*>(reinterpret_cast<char const*>(in.data())); // libbz2 does not write there
        stream_.avail_in = static_cast<unsigned>(std::min(in.size(), most));
        stream_.next_out = reinterpret_cast<char*>(out.data());
        stream_.avail_out = static_cast<unsigned>(std::min(out.size(), most));
        int const result = BZ2_bzDecompress(&stream_);
        in = in.last(static_cast<std::size_t>(in.data() + in.size() - reinterpret_cast<std::byte const*>(stream_.next_in)));
        out = out.last(static_cast<std::size_t>(out.data() + out.size() - reinterpret_cast<std::byte*>(stream_.next_out)));
        if (result == BZ_STREAM_END) {
            BZ2_bzDecompressEnd(&stream_);
            start();
            return Step::member_ended;
        }
        return result == BZ_OK ? Step::more : Step::corrupt;
    }

private:
    void start() {
        stream_ = {};
        if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw DecodeError(DecodeFault::unsupported, "libbz2 does not start");
    }
    bz_stream stream_{};
};

template <class Stream>
std::vector<std::byte> unpack(std::span<std::byte const> packed, std::size_t most) {
    Stream unpack_some;
    std::vector<std::byte> out;
    std::size_t used = 0;
    bool inside = true; // of a member, which must end
    while (!packed.empty() || inside) {
        // One byte more than allowed: then it is known that there is more.
        if (used == out.size()) out.resize(std::min(std::max(first_room, 2 * out.size()), most + 1));
        auto room = std::span(out).subspan(used);
        std::size_t const packed_before = packed.size(), room_before = room.size();
        Step const step = unpack_some(packed, room);
        used = out.size() - room.size();
        std::string const what = std::string(Stream::name) + " file ";
        if (step == Step::corrupt) throw DecodeError(DecodeFault::corrupt, what + "is damaged (after " + std::to_string(used) + " bytes)");
        if (used > most)
            throw DecodeError(DecodeFault::oversized, what + "holds more than " + std::to_string(most) + " bytes (more are not read)");
        if (step == Step::more && packed.size() == packed_before && room.size() == room_before)
            throw DecodeError(DecodeFault::truncated, what + "ends early (after " + std::to_string(used) + " unpacked bytes)");
        inside = step != Step::member_ended;
    }
    out.resize(used);
    return out;
}

} // namespace

std::vector<std::byte> unpack_gzip(std::span<std::byte const> packed, std::size_t most) {
    return unpack<Gzip>(packed, most);
}

std::vector<std::byte> unpack_bzip2(std::span<std::byte const> packed, std::size_t most) {
    return unpack<Bzip2>(packed, most);
}

} // namespace sqd
