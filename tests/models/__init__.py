"""Tests of the database models."""
