"""A progress bar on standard error with rate and remaining time, shown only on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

Advance = Callable[[int, int], None]


@contextmanager
def bar(label: str, *, shown: bool = True) -> Iterator[Advance]:
    """Yield a progress callback for a `with` block; call it with the amount done and the total amount."""
    if not (shown and sys.stderr.isatty()):
        yield lambda _done, _total: None
        return
    from scanner.commands.progress_columns import progress  # noqa: PLC0415  (loading it takes 40 ms, which is wasted without a terminal)

    with progress() as drawn:
        task = drawn.add_task(label, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=total)


@contextmanager
def watching(label: str, figures: Callable[[], tuple[int, int]]) -> Iterator[None]:
    """Show a progress bar during a call that does not report its progress.

    `figures` is polled ten times a second.
    """
    done = Event()
    with bar(label) as advance:

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
