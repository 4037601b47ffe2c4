// Makes a pair of keys, and says what to put where.
#include "daemon/verbs/keygen.hpp"

#include "daemon/security/key_files.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace sqd {
namespace {

constexpr char const* examples = "Examples:\n"
                                 "  sqd keygen --output /etc/sqd/id13     keys of the service id13: id13.key and id13.pub\n"
                                 "  sqd keygen --output ~/.sqd/alice      keys of a person or a program who speaks to services\n"
                                 "  sqd status --control tcp://id13:5561 --key ~/.sqd/alice.key --server-key id13.pub\n"
                                 "NAME.key is secret and stays where it is, NAME.pub may go anywhere.";

int make_keys(std::string const& name) {
    KeyPair const keys = new_key_pair();
    KeyFiles const files = write_key_files(name, keys);
    std::string const secret = files.secret.string(), open = files.open.string(), who = files.open.stem().string(),
                      key = to_z85(keys.public_key.bytes);
    std::printf("%s  secret: keep it here\n%s  public: %s\n\n", secret.c_str(), open.c_str(), key.c_str());
    std::printf("Of a service: in its configuration\n"
                "  security: {server_key: %s, clients: FILE}\n"
                "and give %s to its clients.\n\n",
                secret.c_str(), open.c_str());
    std::printf("Of a client: this line in the FILE of the service's security.clients (control in place of read: it may change things)\n"
                "  %s %s read\n"
                "and the client says: --key %s --server-key SERVICE.pub\n",
                who.c_str(), key.c_str(), secret.c_str());
    return 0;
}

} // namespace

void add_keygen(CLI::App& app, std::function<int()>& run) {
    auto name = std::make_shared<std::string>("sqd");
    CLI::App* verb = app.add_subcommand("keygen", "make keys for a service that other machines reach, or for a client of it");
    verb->footer(examples);
    verb->add_option("-o,--output", *name, "write NAME.key and NAME.pub; neither may exist")->capture_default_str();
    verb->callback([name, &run] { run = [name] { return make_keys(*name); }; });
}

} // namespace sqd
