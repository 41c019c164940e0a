"""A breaker that lets one caller try for all."""

import threading

from shared.circuit import Circuit


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_failure_keeps_everyone_away_for_the_rest() -> None:
    clock = Clock()
    circuit = Circuit(rest_seconds=5, monotonic=clock)
    assert circuit.may_try()
    assert circuit.record_failure()
    clock.seconds += 4.999
    assert not circuit.may_try()


def test_after_the_rest_one_caller_tries_and_its_failure_starts_another() -> None:
    clock = Clock()
    circuit = Circuit(rest_seconds=5, monotonic=clock)
    circuit.record_failure()
    for _ in range(3):
        clock.seconds += 5
        assert [circuit.may_try() for _ in range(4)] == [True, False, False, False]
        clock.seconds += 0.4
        assert not circuit.record_failure()


def test_a_success_closes_it_for_all_and_is_news_once() -> None:
    clock = Clock()
    circuit = Circuit(rest_seconds=5, monotonic=clock)
    assert not circuit.record_success()
    circuit.record_failure()
    clock.seconds += 5
    assert circuit.may_try()
    assert circuit.record_success()
    assert not circuit.record_success()
    assert [circuit.may_try() for _ in range(4)] == [True] * 4


def test_of_many_threads_that_fail_together_one_opens_it() -> None:
    circuit = Circuit(rest_seconds=5, monotonic=Clock())
    opened: list[bool] = []
    threads = [threading.Thread(target=lambda: opened.append(circuit.record_failure())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(opened) == 1
