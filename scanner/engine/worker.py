"""Child processes that read files, so that a crash or an endless parse costs one file and not the whole scan.

Children are forked, so they start in milliseconds and share the plan. Each child has its own git processes.
Messages are prefixed with their length (four bytes, big-endian): a request is pickled, and a response is one
packed report.
"""

import gc
import mmap
import os
import pickle
import select
import signal
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

# What a child is asked for: its length is the number of files, each of which gets one response, in order.
Request = TypeVar("Request", bound=Sized)
Serve = Callable[[Request], Iterator[bytes]]

_LENGTH = struct.Struct(">I")
# Limit in CPU time per file: the result of a scan must not depend on the machine's load.
_SECONDS_PER_FILE = 20.0
# Limit in wall-clock time, for a git process that hangs.
_SECONDS_WITHOUT_RESPONSE = 600.0

# Python's default is 700. Fewer collections take less time; more trees are in memory at once (20 MB).
_ALLOCATIONS_PER_COLLECTION = 10_000

# Most files take 0.1 ms, so that sending each report by itself took a tenth of the time of reading them.
_GROUP_SECONDS = 0.01
_GROUP_BYTES = 32_000

# The parent's ends of all pipes. A child must not keep another child's pipe open, or the other would not
# notice the end of the parent. Only one thread at a time starts or ends children, so the set is correct.
_FORKING = threading.Lock()
_OPEN: set[int] = set()


# The process that joins reports takes an eighth of the time of a history, so more children would wait for it.
_MOST_READERS = 8


def reader_count() -> int:
    """Return the number of children that should read files: one for each core that this process may use."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        cores = os.cpu_count() or 1
    return min(cores, _MOST_READERS)


class LostWorkerError(Exception):
    """A worker ended or did not respond in time; the message, which is shown to users, says which."""


class ForkedWorker(Generic[Request]):
    """A child process that serves requests for files in order, and returns one packed report for each.

    If `is_grouped`, the child sends reports that take little time together. If it ends, those that it has not
    sent are lost, and `finished` says how many it had finished.
    """

    def __init__(self, serve: Serve[Request], *, is_grouped: bool = False) -> None:
        self._buffer = bytearray()
        self._finished = mmap.mmap(-1, _LENGTH.size)  # shared with the child
        with _FORKING:
            request_out, self._request_in = os.pipe()
            self._response_out, response_in = os.pipe()
            self._pid = os.fork()
            if self._pid == 0:
                responses = _Responses(response_in, self._finished, _GROUP_SECONDS if is_grouped else 0.0)
                _run(serve, request_out, responses, [self._request_in, self._response_out, *_OPEN])
            os.close(request_out)
            os.close(response_in)
            _OPEN.update((self._request_in, self._response_out))

    def request(self, request: Request) -> Iterator[bytes]:
        """Yield the packed report on each file as it arrives. Raises `LostWorkerError` if the child fails."""
        _LENGTH.pack_into(self._finished, 0, 0)
        with suppress(BrokenPipeError):
            _send(self._request_in, pickle.dumps(request))
        for _ in range(len(request)):
            yield self._receive()

    @property
    def finished(self) -> int:
        """Return the number of files of the last request that the child has finished."""
        return int(_LENGTH.unpack_from(self._finished)[0])

    def _receive(self) -> bytes:
        while True:
            if len(self._buffer) >= _LENGTH.size:
                end = _LENGTH.size + int(_LENGTH.unpack_from(self._buffer)[0])
                if len(self._buffer) >= end:
                    message = bytes(self._buffer[_LENGTH.size : end])
                    del self._buffer[:end]
                    return message
            if not select.select([self._response_out], [], [], _SECONDS_WITHOUT_RESPONSE)[0]:
                raise LostWorkerError("could not be read: git did not respond within ten minutes")
            part = os.read(self._response_out, 1 << 20)
            if not part:
                raise LostWorkerError(self._cause())
            self._buffer += part

    def _cause(self) -> str:
        """Return why the child ended."""
        with suppress(ChildProcessError):
            status = os.waitpid(self._pid, 0)[1]
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
                return f"took more than {_SECONDS_PER_FILE:.0f} seconds of CPU time"
        return "crashed the process that was reading it"

    def stop(self) -> None:
        """Stop the child at once; a thread that is waiting for its response gets LostWorkerError."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)

    def close(self) -> None:
        """Stop the child and release its resources; no thread may be waiting for its response."""
        self.stop()
        with _FORKING:
            for end in (self._request_in, self._response_out):
                os.close(end)
                _OPEN.discard(end)
        self._finished.close()
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def collect_rarely() -> None:
    """Let Python look for cyclic garbage less often, and not in what is loaded already: 4% of a scan."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_PER_COLLECTION, 10, 10)


class _Responses:
    """Sends the child's reports; those that are finished within some seconds of each other go together."""

    def __init__(self, pipe: int, finished: mmap.mmap, seconds: float) -> None:
        self._pipe = pipe
        self._finished = finished
        self._seconds = seconds
        self._group = bytearray()
        self._sent_at = 0.0

    def begin(self) -> None:
        """Begin a request."""
        self._number = 0

    def add(self, packed: bytes) -> None:
        """Send a report, at once or together with the next ones."""
        self._number += 1
        _LENGTH.pack_into(self._finished, 0, self._number)
        self._group += _LENGTH.pack(len(packed)) + packed
        now = time.monotonic()
        if now - self._sent_at >= self._seconds or len(self._group) > _GROUP_BYTES:
            self.send()
            self._sent_at = now

    def send(self) -> None:
        """Send the reports that have not been sent."""
        _write(self._pipe, self._group)
        self._group.clear()


def _run(
    serve: Serve[Request], request_pipe: int, responses: _Responses, inherited: Iterable[int]
) -> NoReturn:
    """Serve requests until the parent closes the pipe, then exit without running the parent's cleanup."""
    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGPROF):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C and then stops this child
        collect_rarely()
        for end in inherited:
            os.close(end)
        with os.fdopen(request_pipe, "rb") as requests:
            while header := requests.read(_LENGTH.size):
                request: Request = pickle.loads(requests.read(*_LENGTH.unpack(header)))  # noqa: S301  our parent's
                responses.begin()
                signal.setitimer(signal.ITIMER_PROF, _SECONDS_PER_FILE)
                for packed in serve(request):
                    signal.setitimer(signal.ITIMER_PROF, _SECONDS_PER_FILE)
                    responses.add(packed)
                signal.setitimer(signal.ITIMER_PROF, 0)
                responses.send()
        status = 0
    finally:
        os._exit(status)


def _send(end: int, message: bytes) -> None:
    _write(end, _LENGTH.pack(len(message)) + message)


def _write(end: int, message: bytes | bytearray) -> None:
    with memoryview(message) as rest:
        written = 0
        while written < len(rest):
            written += os.write(end, rest[written:])
