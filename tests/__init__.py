"""The product's tests: real Postgres, real repositories, real processes, a real browser."""
