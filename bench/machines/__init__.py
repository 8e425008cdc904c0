"""`python -m bench.machines`: several machines on one Postgres, one of which is killed and loses its data."""
