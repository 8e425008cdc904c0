"""`python -m bench.urgency.pages PORT CLIENTS EVERY PATH COOKIE…`: open pages that keep asking for news.

A client keeps its connection and repeats what htmx sends for an open overview: `PATH?seen=STATE` every so
many seconds, with the state from the last response's `X-Page-State`. When standard input ends, it prints the
number of responses by status, and the median and the 95th percentile of their times in seconds.
"""

import asyncio
import statistics
import sys
import time
from collections import Counter
from threading import Thread


class Pages:
    """All clients, and what they were answered."""

    def __init__(self, port: int, every: float, path: str, cookies: list[str]) -> None:
        self.port, self.every, self.path, self.cookies = port, every, path, cookies
        self.statuses: Counter[str] = Counter()
        self.times: list[float] = []

    async def client(self, number: int) -> None:
        """Ask until cancelled; a connection that ends is opened again."""
        await asyncio.sleep(self.every * (number % 97) / 97)
        state, cookie = "-", self.cookies[number % len(self.cookies)]
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                while True:
                    state = await self._ask(reader, writer, state, cookie)
                    await asyncio.sleep(self.every)
            except (OSError, asyncio.IncompleteReadError):
                self.statuses["connection ended"] += 1
                await asyncio.sleep(self.every)

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: str, cookie: str
    ) -> str:
        began = time.monotonic()
        writer.write(
            f"GET {self.path}?seen={state} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nHX-Request: true\r\n"
            f"Cookie: sessionid={cookie}\r\n\r\n".encode()
        )
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = first.split(" ")[1]
        await self._body(reader, headers, status)
        self.statuses[status] += 1
        self.times.append(time.monotonic() - began)
        return headers.get("x-page-state", state)

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str], status: str) -> None:
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        elif status != "204":
            await reader.readexactly(int(headers.get("content-length", "0")))

    async def run(self, clients: int) -> None:
        """Ask until standard input ends, then print."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True).start()
        asking = [asyncio.create_task(self.client(number)) for number in range(clients)]
        await ended.wait()
        for task in asking:
            task.cancel()
        self.times.sort()
        p95 = self.times[int(len(self.times) * 0.95)]
        print(f"{dict(self.statuses)}; median {statistics.median(self.times):.3f} s, p95 {p95:.3f} s")


if __name__ == "__main__":
    _, port, clients, every, path, *cookies = sys.argv
    asyncio.run(Pages(int(port), float(every), path, cookies).run(int(clients)))
