"""Running the product on one machine: embedded Postgres, the processes, and the steps of `manage.py up`."""
