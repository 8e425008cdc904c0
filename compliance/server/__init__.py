"""The web server: gunicorn's ASGI worker with time limits, and Django running in threads.

A slow client occupies a connection and a temporary file, but never a thread. `bodies` reads a request before
Django receives it, `answers` stores a response until its client has read it, and `connections` closes
connections that take too long.
"""
