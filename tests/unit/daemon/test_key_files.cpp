// Files of keys: what was made is read, and what others can read is no secret.
#include "daemon/security/client_keys.hpp"
#include "daemon/security/client_register.hpp"
#include "daemon/security/key_files.hpp"
#include "daemon/security/private_file.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/stat.h>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

using namespace sqd;
using namespace sqd::test;
namespace fs = std::filesystem;

namespace {

void write(fs::path const& file, std::string const& text) {
    std::ofstream(file, std::ios::binary) << text;
}

std::string line(std::string const& name, PublicKey const& key, std::string const& rights = "read") {
    return name + ' ' + to_z85(key.bytes) + ' ' + rights + '\n';
}

mode_t mode_of(fs::path const& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 0777;
}

template <class Call>
std::string complaint(Call const& call) {
    try {
        call();
    } catch (ConfigError const& error) {
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("keys are read as they were made, and are not made twice") {
    TemporaryDirectory folder;
    auto const keys = new_key_pair();
    auto const files = write_key_files(folder.path() / "id13", keys);
    CHECK(files.secret == folder.path() / "id13.key");
    CHECK(read_secret_key(files.secret) == keys.secret_key);
    CHECK(read_public_key(files.open.string()) == keys.public_key);
    CHECK(read_public_key(to_z85(keys.public_key.bytes)) == keys.public_key);
    CHECK(mode_of(files.secret) == 0600);
    CHECK(mode_of(files.open) == 0644);
    CHECK_THROWS_AS(write_key_files(folder.path() / "id13", new_key_pair()), IoError);
    CHECK(read_secret_key(files.secret) == keys.secret_key);
    fs::remove(files.secret);
    CHECK_THROWS_AS(write_key_files(folder.path() / "id13", new_key_pair()), IoError);
    CHECK_FALSE(fs::exists(files.secret));
    CHECK_THROWS_AS(write_key_files(folder.path() / "absent" / "id13", keys), IoError);
}

TEST_CASE("the mode of new files does not depend on the user's mask, which is as it was afterwards") {
    TemporaryDirectory folder;
    mode_t const before = ::umask(0077);
    auto const files = write_key_files(folder.path() / "a", new_key_pair());
    CHECK(::umask(before) == 0077);
    CHECK(mode_of(files.open) == 0644);
    CHECK(mode_of(files.secret) == 0600);
}

TEST_CASE("one kind of key is not taken for the other") {
    TemporaryDirectory folder;
    auto const files = write_key_files(folder.path() / "a", new_key_pair());
    CHECK(complaint([&] { read_secret_key(files.open); }).find("a public key") != std::string::npos);
    CHECK(complaint([&] { read_public_key(files.secret.string()); }).find("a secret key") != std::string::npos);
    CHECK(complaint([&] { read_public_key("nonsense"); }).find("neither a public key nor a file") != std::string::npos);
    CHECK(complaint([&] { read_public_key(folder.path().string()); }).find("no file") != std::string::npos);
    CHECK(complaint([&] { read_secret_key(folder.path() / "absent"); }).find("No such file") != std::string::npos);
}

TEST_CASE("a secret file that others may read or write is refused with the command that mends it") {
    TemporaryDirectory folder;
    fs::path const file = folder.path() / "secret";
    write(file, "x");
    for (unsigned const mode : {0644U, 0604U, 0602U, 0660U, 0620U, 0666U}) {
        ::chmod(file.c_str(), mode);
        CAPTURE(mode);
        CHECK(complaint([&] { read_private_file(file); }).find("chmod 600 " + file.string()) != std::string::npos);
    }
    for (unsigned const mode : {0600U, 0400U, 0700U}) {
        ::chmod(file.c_str(), mode);
        CHECK(read_private_file(file) == "x");
    }
    ::chmod(file.c_str(), 0640); // of root: its service's group may read it
    CHECK(complaint([&] { read_private_file(file); }).empty() == (::geteuid() == 0));
    if (::geteuid() != 0) return;
    ::chmod(file.c_str(), 0600);
    REQUIRE(::chown(file.c_str(), 12345, 0) == 0);
    CHECK(complaint([&] { read_private_file(file); }).find("belongs to another user") != std::string::npos);
}

TEST_CASE("what is no small file is refused, and a pipe is not waited for") {
    TemporaryDirectory folder;
    fs::path const pipe = folder.path() / "pipe", large = folder.path() / "large", just = folder.path() / "just";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(complaint([&] { read_private_file(pipe); }).find("no file") != std::string::npos);
    CHECK(complaint([&] { read_small_file("/dev/zero"); }).find("no file") != std::string::npos);
    write(large, std::string((1 << 20) + 1, 'x'));
    CHECK(complaint([&] { read_small_file(large); }).find("larger than 1 MiB") != std::string::npos);
    write(just, std::string(1 << 20, 'x'));
    CHECK(read_small_file(just).size() == 1 << 20);
}

TEST_CASE("a client shows two keys or none") {
    TemporaryDirectory folder;
    auto const own = new_key_pair(), service = new_key_pair();
    auto const mine = write_key_files(folder.path() / "a", own), theirs = write_key_files(folder.path() / "b", service);
    CHECK_FALSE(read_client_keys({}));
    auto const keys = read_client_keys({mine.secret.string(), theirs.open.string()});
    REQUIRE(keys);
    CHECK(keys->own.public_key == own.public_key);
    CHECK(keys->own.secret_key == own.secret_key);
    CHECK(keys->service == service.public_key);
    CHECK_THROWS_AS(read_client_keys({mine.secret.string(), ""}), ConfigError);
    CHECK_THROWS_AS(read_client_keys({"", theirs.open.string()}), ConfigError);
}

TEST_CASE("the register follows its file, and keeps the list before where the file is wrong") {
    TemporaryDirectory folder;
    FakeClock clock;
    AlarmBoard alarms;
    fs::path const file = folder.path() / "clients";
    auto const alice = new_key_pair().public_key, bob = new_key_pair().public_key;
    CHECK_THROWS_AS(ClientRegister(file, alarms, clock), ConfigError);
    write(file, line("alice", alice));
    ClientRegister clients(file, alarms, clock);
    CHECK(clients.find(alice)->name == "alice");
    CHECK_FALSE(clients.find(bob));

    write(file, line("alice", alice, "control") + line("bob", bob));
    clients.refresh();
    CHECK(clients.find(alice)->rights == Rights::control);
    CHECK(clients.find(bob)->rights == Rights::read);

    write(file, line("bob", bob) + "alice\n");
    clients.refresh();
    CHECK(clients.find(alice)->rights == Rights::control);
    REQUIRE(alarms.current().size() == 1);
    CHECK(alarms.current()[0].name == "clients");
    CHECK(alarms.current()[0].message.find("clients:2: 1 word") != std::string::npos);
    fs::remove(file);
    clients.refresh();
    CHECK(clients.size() == 2);

    write(file, line("bob", bob));
    clients.refresh();
    CHECK_FALSE(clients.find(alice));
    CHECK(clients.size() == 1);
    CHECK_FALSE(alarms.current()[0].active);
}

TEST_CASE("the register sees a file that was put in the place of another of the same length and time") {
    TemporaryDirectory folder;
    FakeClock clock;
    AlarmBoard alarms;
    fs::path const file = folder.path() / "clients", fresh = folder.path() / "fresh";
    auto const alice = new_key_pair().public_key, bob = new_key_pair().public_key;
    write(file, line("alice", alice));
    ClientRegister clients(file, alarms, clock);
    write(fresh, line("bobby", bob));
    fs::last_write_time(fresh, fs::last_write_time(file));
    fs::rename(fresh, file);
    clients.refresh();
    CHECK(clients.find(bob));
    CHECK_FALSE(clients.find(alice));
}

TEST_CASE("an unchanged file is not read again but on request") {
    TemporaryDirectory folder;
    FakeClock clock;
    AlarmBoard alarms;
    fs::path const file = folder.path() / "clients";
    auto const alice = new_key_pair().public_key, bob = new_key_pair().public_key;
    write(file, line("alice", alice));
    auto const time = fs::last_write_time(file);
    ClientRegister clients(file, alarms, clock);
    write(file, line("bobby", bob)); // in place, as long as before
    fs::last_write_time(file, time);
    clients.refresh();
    CHECK(clients.find(alice));
    clients.reload();
    CHECK(clients.find(bob));
}
