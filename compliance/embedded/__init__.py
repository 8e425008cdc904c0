"""Runs the product on one machine, with embedded Postgres, child processes and a supervisor for them."""
