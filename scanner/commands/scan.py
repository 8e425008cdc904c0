"""The `scan` command: prints the totals and findings of one revision.

Exits with 0 whether or not there are findings.
"""

from argparse import Namespace

from scanner.commands import write
from scanner.commands.inputs import find_plan, scan_revision, text_format
from scanner.formats import code_quality, json, sarif
from scanner.git.repository import open_repository


def run(options: Namespace) -> int:
    """Print one revision in the chosen format."""
    with open_repository(options.repository) as repository:
        sha = repository.resolve(options.rev)
        plan = find_plan(repository, sha, options.plan, options.server)
        report = scan_revision(repository, plan, sha, options.as_of)
    formats = {
        "text": text_format().scan,
        "json": json.scan,
        "sarif": sarif.scan,
        "code-quality": code_quality.scan,
    }
    write(formats[options.format](report))
    return 0
