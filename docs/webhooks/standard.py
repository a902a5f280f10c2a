"""Verifies a delivery with the official library: pip install standardwebhooks"""
import os
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

headers = {
    "webhook-id": os.environ.get("HTTP_WEBHOOK_ID", ""),
    "webhook-timestamp": os.environ.get("HTTP_WEBHOOK_TIMESTAMP", ""),
    "webhook-signature": os.environ.get("HTTP_WEBHOOK_SIGNATURE", ""),
}
try:
    Webhook(os.environ["WEBHOOK_SECRET"]).verify(sys.stdin.buffer.read().decode(), headers)
    print("standard: verified")
except (WebhookVerificationError, ValueError):  # the latter where a signature is no base64, or the body no text
    print("standard: refused")
