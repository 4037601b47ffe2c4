// The program of libFuzzer: fuzz --target=NAME [libFuzzer's options] [folders or files]; fuzz --list names the targets.
#include "tests/fuzz/message_parts.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t longest); // libFuzzer's own

namespace {

sqd::fuzz::Target const* chosen = nullptr; // the entry points below have no place for it

/// One part of a conversation is changed, the layout around it stays right.
std::size_t mutate_part(sqd::fuzz::Bytes input, std::span<std::uint8_t> out, unsigned seed) {
    auto conversation = sqd::fuzz::split(input);
    std::vector<sqd::fuzz::Part*> parts;
    for (auto& message : conversation.messages)
        for (auto& part : message) parts.push_back(&part);
    if (parts.empty()) return LLVMFuzzerMutate(out.data(), input.size(), out.size());
    auto& part = *parts[seed % parts.size()];
    auto const size = part.size(), room = size + out.size() - input.size();
    if (room == 0) return LLVMFuzzerMutate(out.data(), input.size(), out.size()); // the libFuzzer of clang 14 writes into no bytes
    part.resize(room);
    part.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(part.data()), size, part.size()));
    auto const joined = sqd::fuzz::join(conversation);
    auto const written = std::min(joined.size(), out.size());
    std::memcpy(out.data(), joined.data(), written);
    return written;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    std::string const option = "--target=";
    for (int i = 1; i < *argc; ++i) {
        std::string const word = (*argv)[i];
        if (word.starts_with(option)) chosen = sqd::fuzz::find_target(word.substr(option.size()));
        if (word == "--list") {
            for (auto const& target : sqd::fuzz::targets()) std::cout << target.name << ' ' << target.longest << '\n';
            std::exit(0);
        }
    }
    if (chosen) return 0;
    std::cerr << "fuzz: no target (none named, or none of that name) write --target=NAME; --list names them\n";
    std::exit(64);
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    chosen->run(std::as_bytes(std::span(data, size)));
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t longest, unsigned seed) {
    constexpr unsigned whole_one_in = 8;
    if (!chosen->multipart || seed % whole_one_in == 0) return LLVMFuzzerMutate(data, size, longest);
    return mutate_part(std::as_bytes(std::span(data, size)), {data, longest}, seed / whole_one_in);
}
