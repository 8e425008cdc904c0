"""Every labelled finding is reported, and nothing else."""

from tests.scanner.corpus.score import score


def test_precision_and_recall_are_complete() -> None:
    result = score()
    assert sorted(result.wrong.elements()) == []
    assert sorted(result.missed.elements()) == []
    assert (result.precision, result.recall) == (1.0, 1.0)


def test_at_least_half_of_the_places_are_silent() -> None:
    result = score()
    assert len(result.silent) >= result.expected.total() >= 50
    silent_lines = {(*place[:3], place[3].partition("/")[0]) for place in result.silent}
    found_lines = {(*place[:3], place[3].partition("/")[0]) for place in result.found}
    assert not silent_lines & found_lines
