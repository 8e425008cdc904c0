"""A progress bar with rate and time left on standard error, only if that is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

Advance = Callable[[int, int], None]


@contextmanager
def bar(words: str, *, shown: bool = True) -> Iterator[Advance]:
    """Yield a bar for the time of a `with`: call it with how much is done and how much there is in all."""
    if not (shown and sys.stderr.isatty()):
        yield lambda _done, _total: None
        return
    from scanner.commands.progress_columns import progress  # noqa: PLC0415  (loading it takes 40 ms that few watch)

    with progress() as drawn:
        task = drawn.add_task(words, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=total)


@contextmanager
def watching(words: str, figures: Callable[[], tuple[int, int]]) -> Iterator[None]:
    """Show the same bar for one long call that cannot report: `figures` is polled ten times a second."""
    done = Event()
    with bar(words) as advance:

        def watch() -> None:
            while not done.wait(0.1):
                advance(*figures())

        thread = Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
