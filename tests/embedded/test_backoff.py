"""The delay before a process that ended is started again."""

from compliance.embedded.backoff import Backoff


def test_the_delay_doubles_up_to_ten_seconds() -> None:
    backoff = Backoff()
    assert [backoff.next_delay() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_process_that_ran_for_long_enough_begins_with_the_shortest_delay_again() -> None:
    steady, new = Backoff(steady=-1.0), Backoff(steady=3600.0)
    for backoff in (steady, new):
        backoff.next_delay()
        backoff.begin()
    assert (steady.next_delay(), new.next_delay()) == (0.5, 1.0)
