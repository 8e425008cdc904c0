"""How often the real date fell in the range that the forecast gave: on the histories of public repositories.

    python -m scanner history REPOSITORY --plan bench/backtest/scrapy.yaml --format json > scrapy.jsonl
    python -m bench.backtest scrapy.jsonl ...

Each rule of a plan is one migration; its line is the number of files that break it. From its peak on, once a
week, the product's own `foresee` is asked when a tenth, a quarter, half, three quarters and all of what is
left that day will be gone; the history knows the answer. A goal that was not reached before the history ends
counts as later than the range, or as not known where the range goes beyond the end.
"""
