"""`python -m bench.candidates REPOSITORY[@REVISION]...`: draws candidates, to judge each by reading the code.

Prints the candidates of each repository, best first, with the CPU seconds of the search, then BENCH_NUMBER
(50) of all of them, drawn with BENCH_SEED (1), with their reasons and examples. A candidate is wrong if a
maintainer would not want it: something else was found, or it is no debt.
"""

import os
import random
import resource
import sys

from scanner.git.repository import open_repository
from scanner.proposals import Candidate, propose_plan

NUMBER = int(os.environ.get("BENCH_NUMBER", "50"))
SEED = int(os.environ.get("BENCH_SEED", "1"))


def main(repositories: list[str]) -> None:
    """Print the lists, then the drawn candidates."""
    every = [(name, candidate) for name in repositories for candidate in _candidates(name)]
    drawn = random.Random(SEED).sample(every, min(NUMBER, len(every)))
    for number, (name, candidate) in enumerate(drawn, 1):
        print(f"\n{number}. {name}: {candidate.title} ({candidate.places} places in {candidate.files} files)")
        print(f"   {candidate.why}")
        for each in candidate.examples:
            print(f"   {each.path}:{each.line}  {each.code}")


def _candidates(name: str) -> tuple[Candidate, ...]:
    folder, _, revision = name.partition("@")
    before = _seconds()
    with open_repository(folder) as repository:
        found = propose_plan(repository, repository.resolve(revision or "HEAD")).candidates
    print(f"{name}: {len(found)} candidates in {_seconds() - before:.1f} CPU seconds")
    for rank, each in enumerate(found, 1):
        places = f"{each.counted_places} places in {each.counted_files} files"
        print(f"{rank:>4}. {each.title} ({places}, {each.percent}%)")
    return found


def _seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main(sys.argv[1:])
