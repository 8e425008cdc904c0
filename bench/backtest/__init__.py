"""Learns the constants of the forecast from real migrations, and judges it by what came.

    python -m bench.backtest                    the sixteen lines in bench/backtest/lines
    python -m bench.backtest FOLDER ...         other lines in the same form, with the product's constants
    python -m bench.backtest HISTORY.jsonl ...  the same for files with violations, from other histories

A history is written by `python -m scanner history REPOSITORY --plan PLAN --format json`; each rule of the
plan is one migration. The method and the figures are explained in docs/forecast.md.
"""
