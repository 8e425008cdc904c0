"""Child processes that read files, so that a crash or an endless parse costs one file and not the scan.

They are forked: so they start in milliseconds and have the plan. Each has git processes of its own.
Messages are framed by their length (four bytes, big endian): a question is JSON, an answer one packed report.
"""

import json
import os
import select
import signal
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NoReturn

from scanner.values import Path

Key = tuple[Path, str]
Read = Callable[[Sequence[Key]], Iterator[bytes]]

_LENGTH = struct.Struct(">I")
_SECONDS_FOR_ONE = 20.0


class LostReaderError(Exception):
    """A reader ended, or did not answer in time; the message says which, in words for people."""


class ForkedReader:
    """One child that answers questions about files in order, one packed report each."""

    def __init__(self, read: Read, others: Sequence["ForkedReader"]) -> None:
        question_in, self._question = os.pipe()
        self._answer, answer_out = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _serve(read, question_in, answer_out, [self._question, self._answer, *_ends(others)])
        os.close(question_in)
        os.close(answer_out)
        self._buffer = bytearray()

    @property
    def ends(self) -> tuple[int, int]:
        """This side's ends of the pipes, which no other child must keep open."""
        return self._question, self._answer

    def ask(self, keys: Sequence[Key]) -> Iterator[bytes]:
        """The packed report of each file, as it comes. Raises `LostReaderError` at the file that broke it."""
        with suppress(BrokenPipeError):
            _send(self._question, json.dumps(keys).encode())
        for _ in keys:
            yield self._receive()

    def _receive(self) -> bytes:
        while True:
            if len(self._buffer) >= _LENGTH.size:
                end = _LENGTH.size + int(_LENGTH.unpack_from(self._buffer)[0])
                if len(self._buffer) >= end:
                    message = bytes(self._buffer[_LENGTH.size : end])
                    del self._buffer[:end]
                    return message
            if not select.select([self._answer], [], [], _SECONDS_FOR_ONE)[0]:
                raise LostReaderError(f"took longer than {_SECONDS_FOR_ONE:.0f} seconds to read")
            part = os.read(self._answer, 1 << 20)
            if not part:
                raise LostReaderError("broke the program that reads it")
            self._buffer += part

    def close(self) -> None:
        """End the child, whatever it is doing."""
        for end in self.ends:
            os.close(end)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _ends(readers: Sequence[ForkedReader]) -> list[int]:
    return [end for reader in readers for end in reader.ends]


def _serve(read: Read, question: int, answer: int, foreign: Sequence[int]) -> NoReturn:
    """Answer until the other side is gone, then leave without running anything of the parent's."""
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer; it then ends us
        for end in foreign:
            os.close(end)
        with os.fdopen(question, "rb") as questions:
            while header := questions.read(_LENGTH.size):
                keys = json.loads(questions.read(*_LENGTH.unpack(header)))
                for packed in read([(Path(path), blob) for path, blob in keys]):
                    _send(answer, packed)
        status = 0
    finally:
        os._exit(status)


def _send(end: int, message: bytes) -> None:
    rest = memoryview(_LENGTH.pack(len(message)) + message)
    while rest:
        rest = rest[os.write(end, rest) :]
