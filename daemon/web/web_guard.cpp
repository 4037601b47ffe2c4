#include "daemon/web/web_guard.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sqd {
namespace {

bool is_address(std::string const& host) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

std::string machine_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? host_without_port(name.data()) : std::string{};
}

} // namespace

std::string host_without_port(std::string_view host) {
    std::string_view name = host;
    if (!host.empty() && host.front() == '[') {
        name = host.substr(1, host.find(']') == std::string_view::npos ? 0 : host.find(']') - 1);
    } else if (std::count(host.begin(), host.end(), ':') == 1) {
        name = host.substr(0, host.find(':'));
    }
    if (!name.empty() && name.back() == '.') name.remove_suffix(1);
    std::string out(name);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

WebGuard::WebGuard(std::string listen)
    : listen_(host_without_port(listen)), machine_(machine_name()), every_address_(listen_ == "0.0.0.0" || listen_ == "::") {}

bool WebGuard::host_allowed(std::string_view host) const {
    std::string const name = host_without_port(host);
    if (name.empty()) return false;
    if (name == "localhost" || name == "127.0.0.1" || name == "::1") return true;
    if (every_address_) return name == machine_ || is_address(name);
    return name == listen_;
}

bool WebGuard::origin_allowed(std::string_view origin) const {
    if (origin.empty()) return true;
    constexpr std::string_view scheme = "http://";
    return origin.substr(0, scheme.size()) == scheme && host_allowed(origin.substr(scheme.size()));
}

} // namespace sqd
