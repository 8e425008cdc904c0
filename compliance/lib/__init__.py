"""General helpers that don't depend on the rest of the product: dates, parsing, secret keys, logs, rate
limits.
"""
