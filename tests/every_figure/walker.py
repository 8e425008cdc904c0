"""Follows links from page to page; every figure that is a link must lead to a list of as many rows."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, ResolverMatch, resolve

from tests.every_figure.dom import Element, numbers, parse

LISTS = ("files", "violations", "commits", "waivers", "marks", "pull-requests")
_FIGURE = re.compile(r"\d[\d,]*(?![\d.,%])")
_COUNTS = (  # a tree of the whole page would cost ten times as much
    re.compile(rb'<p class="found">\s*<strong>([\d,]+)</strong>'),
    re.compile(rb"<span>[\d,]+ to [\d,]+ of ([\d,]+)</span>"),
)
_KINDS = ("text/csv", "text/plain", "application/json", "image/svg+xml")


@dataclass
class Page:
    """One answered address."""

    address: str
    match: ResolverMatch
    response: HttpResponse

    @property
    def name(self) -> str:
        return self.match.url_name or ""

    @property
    def kind(self) -> str:
        return self.response["Content-Type"].partition(";")[0]

    @property
    def query(self) -> dict[str, str]:
        """What the address asks for."""
        return dict(parse_qsl(urlsplit(self.address).query))

    @cached_property
    def body(self) -> bytes:
        if self.response.streaming:
            return b"".join(cast(Iterator[bytes], self.response))
        return self.response.content

    @cached_property
    def tree(self) -> Element:
        return parse(self.body.decode())

    @property
    def main(self) -> Element:
        return self.tree.one("main")

    @cached_property
    def links(self) -> list[tuple[Element, str]]:
        """Each link of this site, each chart too, with the address that it leads to."""
        found = []
        for link in self.tree.walk():
            told = link.attributes.get("data-chart") or (link.tag == "a" and link.attributes.get("href"))
            target = self.join(told or "")
            if told and not urlsplit(target).netloc:
                found.append((link, target))
        return found

    def join(self, target: str) -> str:
        """Where a link of the page leads: as in a browser, a mere question mark takes the query away."""
        return self.address.partition("?")[0] if target == "?" else urljoin(self.address, target)

    def count(self) -> int:
        """How many rows this list has, on all its pages."""
        if self.kind == "text/csv":
            return len(self.rows())
        for known in _COUNTS:
            if found := known.search(self.body):
                return int(found[1].replace(b",", b""))
        bodies = [body for body in self.main.all("tbody") if "repository-totals" not in body.classes]
        return sum(len(body.all("tr")) for body in bodies)

    def rows(self) -> list[dict[str, str]]:
        """The rows of a spreadsheet by the names of its columns."""
        return list(csv.DictReader(io.StringIO(self.body.decode())))


def named(address: str) -> ResolverMatch:
    """What an address leads to. Raises Resolver404."""
    return resolve(unquote(urlsplit(address).path))


Check = Callable[[Page], Iterator[str]]


@dataclass
class Walk:
    """A walk of one signed-in reader. `checks` maps a page's name to what must be true on it."""

    client: Client
    checks: Mapping[str, Check]
    choose: Callable[[str, ResolverMatch], bool] = lambda _name, _match: True
    seen: dict[str, Page] = field(default_factory=dict)
    figures: int = 0

    def get(self, address: str) -> Page:
        """The page of an address, asked for once."""
        address = address.partition("#")[0]
        if address not in self.seen:
            response = self.client.get(address)
            path = response["Location"] if response.status_code == 302 else address
            self.seen[address] = Page(address, named(path), cast(HttpResponse, response))
            if response.status_code == 302:
                self.seen[address] = self.get(urljoin(address, path))
        return self.seen[address]

    def go(self, *starts: str) -> Iterator[str]:
        """Visit every page that links lead to, each once; what is wrong, a line each."""
        waiting, met = list(starts), {urlsplit(start).path for start in starts}
        while waiting:
            page = self.get(waiting.pop(0))
            yield from (f"{page.address}: {fault}" for fault in self.look(page))
            if page.kind != "text/html":
                continue
            for _, target in page.links:
                path, query = urlsplit(target)[2:4]
                known = f"{path}?{query}" if re.fullmatch(r"page=\d+", query) else path
                if known in met or path.startswith("/admin/"):
                    continue
                met.add(known)
                try:
                    match = named(path)
                except Resolver404:
                    yield f"{page.address}: a link to {target}, which is no page"
                    continue
                if self.choose(match.url_name or "", match):
                    waiting.append(target)

    def look(self, page: Page) -> Iterator[str]:
        """What is wrong with one page."""
        if page.response.status_code != 200:
            yield f"answers {page.response.status_code}"
        elif page.kind == "text/html":
            yield from self._figures(page)
            yield from self._spreadsheet(page)
        elif page.kind not in _KINDS:
            yield f"is {page.kind}"
        if page.response.status_code == 200 and (check := self.checks.get(page.name)):
            yield from check(page)

    def _figures(self, page: Page) -> Iterator[str]:
        for link, target in page.links:
            text, parts = link.text(), urlsplit(target)
            if not _FIGURE.match(text):
                continue
            if parts.fragment and parts.path == page.address.partition("?")[0]:
                yield from self._fragment(page, text, parts.fragment)
                continue
            name = named(parts.path).url_name
            if name not in LISTS:
                continue
            self.figures += 1
            wanted, count = numbers(text), self.get(target).count()
            if "more file" in text:
                right = wanted[0] <= count
            else:
                right = count == (wanted[1] if " of " in text else wanted[0])
            if not right:
                yield f"“{text}” leads to {count} rows at {target}"
        for chip in (chip for nav in page.tree.all("nav", "chips") for chip in nav.all("a")):
            if chip.all("strong"):
                self.figures += 1
                target = page.join(chip.attributes["href"])
                count = self.get(target).count()
                if numbers(chip.one("strong").text()) != [count]:
                    yield f"the chip “{chip.text()}” leads to {count} rows"

    def _fragment(self, page: Page, text: str, fragment: str) -> Iterator[str]:
        counts = page.tree.by_id(fragment).all("span", "badge-count")
        if counts:
            self.figures += 1
            if numbers(counts[0].text()) != numbers(text):
                yield f"“{text}” leads to “{counts[0].text()}”"

    def _spreadsheet(self, page: Page) -> Iterator[str]:
        for link, target in page.links:
            if page.name in LISTS and link.text() == "Download CSV":
                self.figures += 1
                rows, shown = self.get(target).count(), page.count()
                if rows != shown:
                    yield f"its spreadsheet has {rows} rows, the page {shown}"
