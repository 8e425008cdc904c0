"""Tests of the room `compliance/people`."""
