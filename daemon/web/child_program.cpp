#include "daemon/web/child_program.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace sqd {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using namespace std::chrono_literals;

struct Pipe {
    int read = -1, write = -1;
    Pipe() {
        std::array<int, 2> ends{-1, -1};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "a pipe");
        read = ends[0], write = ends[1];
    }
    ~Pipe() {
        for (int const end : {read, write})
            if (end >= 0) close(end);
    }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    int take_read() { return std::exchange(read, -1); }
};

/// What a program is started with: of the service's descriptors it has none, else a lock or a port would outlive the service in it.
struct Surroundings {
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};

    Surroundings(int output, int complaints) {
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, complaints, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
        posix_spawnattr_init(&attributes);
        sigset_t none, usual;
        sigemptyset(&none);
        sigfillset(&usual);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &usual);
        posix_spawnattr_setpgroup(&attributes, 0); // so that what it starts ends with it
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    ~Surroundings() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
    Surroundings(Surroundings const&) = delete;
    Surroundings& operator=(Surroundings const&) = delete;
};

/// posix_spawn(3) shares the service's memory until the program is loaded: a fork would copy its page tables, and its frames would wait.
pid_t start(std::vector<std::string> const& command, int output, int complaints) {
    Surroundings const with(output, complaints);
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = -1;
    int const error = posix_spawn(&pid, arguments.front(), &with.files, &with.attributes, arguments.data(), environ);
    if (error != 0) throw std::system_error(error, std::generic_category(), command.front());
    return pid;
}

class Child : public std::enable_shared_from_this<Child> {
public:
    Child(asio::io_context& io, ChildLimits const& limits, std::shared_ptr<void> room, ChildPrograms::Done done)
        : limits_(limits), room_(std::move(room)), done_(std::move(done)), output_(io), complaints_(io), deadline_(io), pause_(io) {}
    ~Child() {
        if (pid_ < 0) return;
        kill(-pid_, SIGKILL);
        for (int i = 0; i < 40 && !reaped(); ++i) std::this_thread::sleep_for(5ms); // the end of the service: nobody else waits
    }
    Child(Child const&) = delete;
    Child& operator=(Child const&) = delete;

    void run(std::vector<std::string> const& command) {
        try {
            begin(command);
        } catch (std::exception const& error) {
            complaint_ = error.what();
            give_up(ChildEnd::How::not_started);
        }
    }

private:
    static constexpr std::size_t most_complaint = 2000, piece = 16 << 10;
    using Bytes = std::array<char, piece>;

    void begin(std::vector<std::string> const& command) {
        Pipe output, complaints;
        pid_ = start(command, output.write, complaints.write);
        output_.assign(output.take_read());
        complaints_.assign(complaints.take_read());
        deadline_.expires_after(limits_.patience);
        deadline_.async_wait([self = shared_from_this()](error_code const& stopped) {
            if (!stopped) self->give_up(ChildEnd::How::late);
        });
        read(output_, output_bytes_, said_, limits_.bytes);
        read(complaints_, complaint_bytes_, complaint_, most_complaint);
    }

    void read(asio::posix::stream_descriptor& from, Bytes& bytes, std::string& into, std::size_t most) {
        from.async_read_some(asio::buffer(bytes),
                             [this, self = shared_from_this(), &from, &bytes, &into, most](error_code const& error, std::size_t count) {
                                 if (error) return ended();
                                 if (into.size() + count <= most)
                                     into.append(bytes.data(), count);
                                 else if (&into == &said_)
                                     return give_up(ChildEnd::How::too_much);
                                 read(from, bytes, into, most);
                             });
    }
    /// Both pipes must be at their end, then the program is, or soon.
    void ended() {
        if (++ends_ == 2 && done_) reap(5ms);
    }
    void give_up(ChildEnd::How how) {
        if (!done_) return;
        if (pid_ > 0) kill(-pid_, SIGKILL);
        answer(how);
        reap(50ms);
    }
    void reap(std::chrono::milliseconds period) {
        if (reaped()) {
            if (done_) answer(status_ == 0 ? ChildEnd::How::well : ChildEnd::How::failed);
            return;
        }
        pause_.expires_after(period);
        pause_.async_wait([self = shared_from_this(), period](error_code const& stopped) {
            if (!stopped) self->reap(period);
        });
    }
    /// Never waits: what hangs on a disk cannot be waited for.
    bool reaped() {
        if (pid_ < 0) return true;
        pid_t const got = waitpid(pid_, &status_, WNOHANG);
        if (got == 0 || (got < 0 && errno == EINTR)) return false;
        if (got < 0) status_ = -1; // somebody else has it
        pid_ = -1;
        return true;
    }
    void answer(ChildEnd::How how) {
        error_code ignored;
        deadline_.cancel();
        output_.close(ignored);
        complaints_.close(ignored);
        ChildEnd end{how, {}, std::move(complaint_), {}};
        if (how == ChildEnd::How::well) end.output = std::move(said_), end.room = room_;
        std::exchange(done_, nullptr)(std::move(end));
    }

    ChildLimits limits_;
    std::shared_ptr<void> room_;
    ChildPrograms::Done done_;
    asio::posix::stream_descriptor output_, complaints_;
    asio::steady_timer deadline_, pause_;
    Bytes output_bytes_{}, complaint_bytes_{};
    std::string said_, complaint_;
    pid_t pid_ = -1;
    int status_ = -1, ends_ = 0;
};

} // namespace

ChildPrograms::ChildPrograms(asio::io_context& io, ChildLimits limits)
    : io_(io), limits_(limits), running_(std::make_shared<std::size_t>(0)) {}

void ChildPrograms::run(std::vector<std::string> const& command, Done done) {
    if (running() >= limits_.at_once) return done({ChildEnd::How::not_started, {}, "as many are under way as may", {}});
    ++*running_;
    std::shared_ptr<void> const room(nullptr, [running = running_](void*) { --*running; });
    std::make_shared<Child>(io_, limits_, room, std::move(done))->run(command);
}

} // namespace sqd
