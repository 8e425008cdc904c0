"""Tests of the web server, with real sockets."""
