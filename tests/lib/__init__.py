"""Tests of the product-independent helpers."""
