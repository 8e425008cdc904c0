"""The web server: gunicorn's ASGI worker with limits on time, and Django in threads.

Slow clients cost a connection and a temporary file, never a thread: `bodies` reads a request before Django
sees it, `answers` stores a response until its client has read it, `connections` closes what takes too long.
"""
