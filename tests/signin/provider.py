"""A small OpenID provider as a process of its own: `python provider.py PORT PERSON-FILE`.

It approves at once whoever the file describes (JSON claims), hands out codes once, checks the client's secret
and PKCE, and signs its tokens with an RSA key made at the start.
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
ISSUER = f"http://127.0.0.1:{PORT}"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CODES: dict[str, dict[str, str]] = {}
TOKENS: set[str] = set()


class Provider(BaseHTTPRequestHandler):
    """The endpoints of OpenID Connect Core 1.0 that the code flow needs."""

    def do_GET(self) -> None:
        way = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(way.query).items()}
        if way.path == "/.well-known/openid-configuration":
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            ends = {f"{name}_endpoint": f"{ISSUER}/{path}" for name, path in names.items()}
            methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
            self.tell({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks", **ends, **methods})
        elif way.path == "/authorize":
            code = secrets.token_urlsafe(16)
            CODES[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()
        elif way.path == "/jwks":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self.tell({"keys": [key | {"kid": "one", "alg": "RS256", "use": "sig"}]})
        elif way.path == "/userinfo" and self.headers["Authorization"].removeprefix("Bearer ") in TOKENS:
            self.tell(json.loads(PERSON.read_text()))
        else:
            self.tell({"error": "invalid_token"}, 401)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        asked = CODES.pop(sent.get("code", ""), None)
        proof = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or sent["client_secret"] != "s3cret":
            self.tell({"error": "invalid_grant"}, 400)
            return
        token = secrets.token_urlsafe(16)
        TOKENS.add(token)
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": asked["client_id"], "iat": now, "exp": now + 60}
        signed = jwt.encode(
            claims | json.loads(PERSON.read_text()), KEY, algorithm="RS256", headers={"kid": "one"}
        )
        self.tell({"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed})

    def tell(self, body: dict[str, Any], status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


ThreadingHTTPServer(("127.0.0.1", PORT), Provider).serve_forever()
