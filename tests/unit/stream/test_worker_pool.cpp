// The pool covers every index once, in contiguous ascending ranges, and passes errors on.
#include "pipeline/stream/worker_pool.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

using namespace sqd;

TEST_CASE("every index is visited once whatever the number of workers") {
    for (std::size_t workers : {1U, 2U, 3U, 8U}) {
        WorkerPool pool(workers);
        ParallelFor const each = pool.parallel_for();
        for (std::size_t n : {0U, 1U, 2U, 7U, 1000U}) {
            std::vector<int> visits(n, 0);
            std::vector<std::size_t> first(workers, 0), last(workers, 0);
            each(n, [&](std::size_t begin, std::size_t end, std::size_t slot) {
                first.at(slot) = begin;
                last.at(slot) = end;
                for (std::size_t i = begin; i < end; ++i) ++visits[i];
            });
            for (int v : visits) CHECK(v == 1);
            for (std::size_t s = 1; s < workers; ++s) {
                if (last[s] != 0) CHECK(first[s] >= last[s - 1]);
            }
        }
    }
}

TEST_CASE("an exception of a body arrives at the caller, and the pool goes on") {
    WorkerPool pool(3);
    ParallelFor const each = pool.parallel_for();
    CHECK_THROWS_AS(each(9,
                         [](std::size_t begin, std::size_t, std::size_t) {
                             if (begin > 0) throw std::runtime_error("in a worker");
                         }),
                    std::runtime_error);
    int total = 0;
    each(1, [&](std::size_t, std::size_t, std::size_t) { total = 1; });
    CHECK(total == 1);
}
