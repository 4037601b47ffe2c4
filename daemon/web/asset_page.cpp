#include "daemon/web/asset_page.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace sqd {
namespace {

std::string unpacked(std::string_view gzip) {
    z_stream stream{};
    constexpr int with_gzip_header = 16 + MAX_WBITS;
    if (inflateInit2(&stream, with_gzip_header) != Z_OK) throw std::runtime_error("zlib does not start");
    std::string in(gzip), out;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    std::array<char, 16384> piece{};
    int state = Z_OK;
    while (state == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = piece.size();
        state = inflate(&stream, Z_NO_FLUSH);
        out.append(piece.data(), piece.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END) throw std::runtime_error("a file of the page is damaged");
    return out;
}

} // namespace

PageAsset const* find_asset(std::string_view name) {
    auto const all = page_assets();
    auto const found = std::ranges::find(all, name, &PageAsset::name);
    return found == all.end() ? nullptr : &*found;
}

WebReply asset_page(PageAsset const& asset, WebRequest const& request) {
    WebReply reply{200, std::string(asset.content_type), {}};
    reply.headers = {{"Content-Security-Policy",
                      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
                      "data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
                     {"Cache-Control", "no-cache"},
                     {"Vary", "Accept-Encoding"},
                     {"ETag", std::string(asset.etag)}};
    if (request.known_etag.find(asset.etag) != std::string::npos) {
        reply.status = 304;
        return reply;
    }
    if (request.takes_gzip) {
        reply.headers.emplace_back("Content-Encoding", "gzip");
        reply.body = asset.gzip;
    } else {
        reply.body = unpacked(asset.gzip);
    }
    return reply;
}

} // namespace sqd
