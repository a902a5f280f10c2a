"""Verifies a delivery, with what Python brings along. As a program: the headers in the environment, as CGI has them, the body on standard
input."""
import base64
import hashlib
import hmac
import os
import sys
import time


def verify_plain(body: bytes, signatures: list[str], secret: str) -> bool:
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(expected.encode(), signature.encode()) for signature in signatures)


def verify_standard(body: bytes, id: str, timestamp: str, signatures: str, secret: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(time.time() - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(mac)
    return any(hmac.compare_digest(expected, signature.encode()) for signature in signatures.split(" "))


if __name__ == "__main__":
    body, secret = sys.stdin.buffer.read(), os.environ["WEBHOOK_SECRET"]
    header = lambda name: os.environ.get(f"HTTP_{name}", "")
    plain = verify_plain(body, [header("X_SWITCHBOARD_SIGNATURE"), header("X_SWITCHBOARD_SIGNATURE_PREVIOUS")], secret)
    standard = verify_standard(body, header("WEBHOOK_ID"), header("WEBHOOK_TIMESTAMP"), header("WEBHOOK_SIGNATURE"), secret)
    print(f"plain: {'verified' if plain else 'refused'}\nstandard: {'verified' if standard else 'refused'}")
