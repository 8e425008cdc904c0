"""General helpers that know nothing of the product: dates, parsing, secret keys, logs, rate limits."""
