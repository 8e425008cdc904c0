"""Makes the database that every mutant's tests get a copy of; the tool names this file to pytest."""


def test_database(db: None) -> None:
    """Ask for the database, which pytest-django then creates and keeps."""
