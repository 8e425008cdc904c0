"""Every file that the imagined platform will ever have, as it looks before anything was migrated."""

from functools import cache

from compliance.demo.consumers import consumer_pages, other_test_pages
from compliance.demo.debts import deal
from compliance.demo.landmarks import landmark_pages
from compliance.demo.modules import Page, domain_pages
from compliance.demo.template import source

_TEXTS = {
    "README.md": "README.md",
    "CODEOWNERS": "CODEOWNERS",
    ".mailmap": "mailmap",
    ".gitignore": "gitignore",
    "ssot-plan.yaml": "ssot-plan.yaml",
}


@cache
def world() -> dict[str, Page]:
    """Path to page. Whoever changes pages makes new ones; this table stays as it is."""
    texts = {path: Page(source(name).replace("$", "$$"), area="text") for path, name in _TEXTS.items()}
    production = {**landmark_pages(), **deal(domain_pages())}
    return {**texts, **production, **consumer_pages(), **other_test_pages()}
