"""Creates the teams that the CODEOWNERS file at the branch's tip names."""

from compliance.people.codeowners import Owners
from compliance.people.teams import record_teams, team_handles
from compliance.scans.scan import Scan
from scanner import RepoPath


def record(scan: Scan) -> None:
    """Create a team for each team handle in CODEOWNERS that belongs to no team yet.

    Managers name the members. The file that counts is that at the newest commit.
    """
    owners = Owners(lambda place: scan.git.text(scan.tip, RepoPath(place)), scan.repository.url)
    record_teams(team_handles(owners))
