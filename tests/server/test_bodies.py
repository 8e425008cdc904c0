"""Bodies of all requests together have a limit, beyond which only small ones are read."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import IO

import pytest

from compliance.server import bodies
from compliance.server.bodies import Bodies, BodyError
from compliance.server.types import Message


def reading(of: Bodies, size: int) -> AbstractAsyncContextManager[IO[bytes]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * size, "more_body": False}

    return of.reading({"path": "/", "headers": [(b"content-length", str(size).encode())]}, receive)


async def read(of: Bodies, size: int) -> int:
    async with reading(of, size) as body:
        return len(body.read())


def test_a_small_body_is_read_when_there_is_no_space_left_and_a_large_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "ALL_BODIES", 100)
    monkeypatch.setattr(bodies, "SMALL", 10)

    async def use() -> list[int]:
        held = Bodies()
        sizes = [await read(held, 100)]
        async with reading(held, 99):
            sizes.append(await read(held, 10))
            with pytest.raises(BodyError, match="Too much is being received at once") as refused:
                await read(held, 11)
            assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE
        sizes.append(await read(held, 100))
        return sizes

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one, after a browser's test
        assert thread.submit(asyncio.run, use()).result() == [100, 10, 100]
