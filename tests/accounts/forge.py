"""GitHub, GitLab and an OpenID provider in one process: `python forge.py PORT PERSON-FILE`.

It approves at once whoever the file describes, hands out codes once, and checks the client, its secret, where
the browser is sent back to, and PKCE. The file's `claims` are what OpenID providers, GitLab too, say of the
person, `userinfo` what the userinfo endpoint says if that is something else; `user` and `emails` are what
GitHub's API answers. OpenID's tokens are signed with an RSA key made here.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

PORT, PERSON = int(sys.argv[1]), Path(sys.argv[2])
HERE = f"http://127.0.0.1:{PORT}"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CODES: dict[str, dict[str, str]] = {}
TOKENS: dict[str, str] = {}
"""Token -> the scope that it was given for."""

# https://docs.gitlab.com/integration/openid_connect_provider/ and its discovery document
DISCOVERED = {
    "issuer": HERE,
    "authorization_endpoint": f"{HERE}/oauth/authorize",
    "token_endpoint": f"{HERE}/oauth/token",
    "userinfo_endpoint": f"{HERE}/oauth/userinfo",
    "jwks_uri": f"{HERE}/oauth/discovery/keys",
    "token_endpoint_auth_methods_supported": ["client_secret_post"],
}


class Forge(BaseHTTPRequestHandler):
    """What OpenID Connect Core 1.0 and GitHub's web application flow ask for.

    https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps and
    https://docs.github.com/rest/users/emails; a GitHub of one's own has its API at /api/v3.
    """

    def do_GET(self) -> None:
        way = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(way.query).items()}
        match way.path:
            case "/.well-known/openid-configuration":
                self.tell(DISCOVERED)
            case "/oauth/authorize" | "/login/oauth/authorize":
                self.approve(asked)
            case "/oauth/discovery/keys":
                key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
                self.tell({"keys": [key | {"kid": "one", "alg": "RS256", "use": "sig"}]})
            case "/oauth/userinfo" if self.scope("Bearer") is not None:
                self.tell(self.person("userinfo") or self.person("claims"))
            case "/api/v3/user" if self.scope("token") is not None:
                self.tell(self.person("user"))
            case "/api/v3/user/emails" if "user:email" in (self.scope("token") or ""):
                self.tell(self.person("emails"))
            case _:
                self.tell({"message": "Bad credentials"}, 401)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        way = urlsplit(self.path).path
        asked = CODES.pop(sent.get("code", ""), None)
        if asked is None or not self.proven(asked, sent):
            # GitHub says even this with 200.
            self.tell({"error": "bad_verification_code"}, 200 if way.startswith("/login/") else 400)
            return
        token = secrets.token_urlsafe(16)
        TOKENS[token] = asked["scope"]
        if way == "/login/oauth/access_token":
            self.say({"access_token": token, "scope": asked["scope"], "token_type": "bearer"})
            return
        now = int(time.time())
        claims = {"iss": HERE, "aud": asked["client_id"], "iat": now, "exp": now + 60} | self.person("claims")
        signed = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})
        self.tell({"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed})

    def approve(self, asked: dict[str, str]) -> None:
        """Send the browser back with a code."""
        code = secrets.token_urlsafe(16)
        CODES[code] = asked
        self.send_response(302)
        back = urlencode({"code": code, "state": asked["state"]})
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        self.end_headers()

    def proven(self, asked: dict[str, str], sent: dict[str, str]) -> bool:
        """Whether who asks for a token is who asked for the code."""
        proof = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        same = all(sent.get(name) == asked[name] for name in ("client_id", "redirect_uri"))
        return same and asked["code_challenge"] == challenge and sent.get("client_secret") == "s3cret"

    def scope(self, kind: str) -> str | None:
        """For what the token in the request is good; None without one."""
        given, _, token = self.headers.get("Authorization", "").partition(" ")
        return TOKENS.get(token) if given == kind else None

    def person(self, part: str) -> Any:
        """What is said of whoever signs in."""
        return json.loads(PERSON.read_text())[part]

    def tell(self, body: Any, status: int = 200) -> None:
        """An answer in JSON."""
        self.answer(json.dumps(body).encode(), "application/json", status)

    def say(self, body: dict[str, str]) -> None:
        """An answer as a form, or in JSON where that is asked for."""
        if self.headers.get("Accept") == "application/json":
            self.tell(body)
        else:
            self.answer(urlencode(body).encode(), "application/x-www-form-urlencoded", 200)

    def answer(self, data: bytes, kind: str, status: int) -> None:
        """An answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


ThreadingHTTPServer(("127.0.0.1", PORT), Forge).serve_forever()
