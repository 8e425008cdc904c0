"""Signing in by GitHub, GitLab and an OpenID provider: a real process that speaks their endpoints."""
