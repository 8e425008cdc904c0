"""Runs the product on one machine: embedded Postgres, child processes and their supervisor."""
