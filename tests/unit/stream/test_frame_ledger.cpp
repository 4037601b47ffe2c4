// The account of frames: its identities hold whatever comes.
#include "pipeline/stream/frame_ledger.hpp"

#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace sqd;

namespace {

void check_identities(FrameAccounting const& a) {
    CHECK(a.received == a.used + a.rejected + a.duplicate);
    CHECK(a.expected == a.used + a.rejected + a.missing + a.pending);
    std::uint64_t by_reason = 0;
    for (auto const& [reason, count] : a.rejected_by) by_reason += count;
    CHECK(by_reason == a.rejected);
}

} // namespace

TEST_CASE("a complete series has nothing missing and nothing pending") {
    FrameLedger ledger;
    for (std::uint64_t n = 0; n < 10; ++n) {
        CHECK(ledger.enter(n) == FrameLedger::Entry::fresh);
        ledger.accepted();
    }
    auto const a = ledger.account(10, true);
    check_identities(a);
    CHECK(a.used == 10);
    CHECK(a.missing == 0);
    CHECK(a.missing_ranges.empty());
}

TEST_CASE("gaps are missing, what has not come yet is pending, and at the end missing too") {
    FrameLedger ledger;
    for (std::uint64_t n : {0U, 1U, 2U, 5U, 6U}) {
        ledger.enter(n);
        ledger.accepted();
    }
    auto const running = ledger.account(10, false);
    check_identities(running);
    CHECK(running.missing == 2);
    CHECK(running.pending == 3);
    REQUIRE(running.missing_ranges.size() == 1);
    CHECK(running.missing_ranges[0] == std::pair<std::uint64_t, std::uint64_t>{3, 4});
    auto const ended = ledger.account(10, true);
    check_identities(ended);
    CHECK(ended.missing == 5);
    CHECK(ended.pending == 0);
    REQUIRE(ended.missing_ranges.size() == 2);
    CHECK(ended.missing_ranges[1] == std::pair<std::uint64_t, std::uint64_t>{7, 9});
}

TEST_CASE("duplicates are counted once each and change nothing else") {
    FrameLedger ledger;
    ledger.enter(0);
    ledger.accepted();
    CHECK(ledger.enter(0) == FrameLedger::Entry::duplicate);
    auto const a = ledger.account(1, true);
    check_identities(a);
    CHECK(a.received == 2);
    CHECK(a.duplicate == 1);
}

TEST_CASE("more frames than expected raise what is expected") {
    FrameLedger ledger;
    for (std::uint64_t n = 0; n < 5; ++n) {
        ledger.enter(n);
        ledger.accepted();
    }
    auto const a = ledger.account(3, true);
    check_identities(a);
    CHECK(a.expected == 5);
}

TEST_CASE("a wild frame number is refused and takes no memory") {
    FrameLedger ledger;
    CHECK(ledger.enter(std::uint64_t{1} << 60) == FrameLedger::Entry::out_of_range);
    CHECK(ledger.seen() == 0);
}

TEST_CASE("at most 64 missing ranges are listed, and the list says when it stops") {
    FrameLedger ledger;
    for (std::uint64_t n = 0; n < 400; n += 2) {
        ledger.enter(n);
        ledger.accepted();
    }
    auto const a = ledger.account(400, true);
    check_identities(a);
    CHECK(a.missing == 200);
    CHECK(a.missing_ranges.size() == 64);
    CHECK(a.missing_ranges_truncated);
}

TEST_CASE("the identities hold for any order, loss and repetition") {
    std::mt19937 random(7);
    for (int trial = 0; trial < 200; ++trial) {
        FrameLedger ledger;
        std::uint64_t const n = 1 + random() % 60;
        for (int i = 0; i < 80; ++i) {
            std::uint64_t const number = random() % n;
            if (ledger.enter(number) != FrameLedger::Entry::fresh) continue;
            unsigned const fate = random() % 4;
            if (fate == 0)
                ledger.rejected(number, "decode");
            else if (fate != 1)
                ledger.accepted(); // fate 1: still in a batch
        }
        check_identities(ledger.account(random() % 80, false));
        check_identities(ledger.account(random() % 80, true));
    }
}

TEST_CASE("books that cannot be are refused") {
    FrameLedger ledger;
    for (std::uint64_t const n : {0U, 1U, 5U}) ledger.enter(n);
    ledger.enter(1);
    ledger.accepted();
    ledger.rejected(5, "decode");
    FrameLedger const again(ledger.entries());
    auto const one = ledger.account(8, false), other = again.account(8, false);
    CHECK(one.expected == other.expected);
    CHECK(one.received == other.received);
    CHECK(one.used == other.used);
    CHECK(one.rejected_by == other.rejected_by);
    CHECK(one.missing_ranges == other.missing_ranges);
    CHECK(one.duplicate == other.duplicate);
    CHECK(one.pending == other.pending);
    auto wrong = ledger.entries();
    wrong.accepted = 3;
    CHECK_THROWS_AS(FrameLedger{wrong}, DataError);
    wrong = ledger.entries();
    wrong.rejections.push_back({3, "decode"}); // it never came
    CHECK_THROWS_AS(FrameLedger{wrong}, DataError);
}
