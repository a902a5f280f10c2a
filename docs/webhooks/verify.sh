#!/usr/bin/env bash
# Verifies a delivery with OpenSSL. The headers are in the environment, as CGI has them, the body is on standard input. While openssl runs,
# its key can be seen in the list of processes: use this where the machine's other users may know the secret.
set -euo pipefail

body=$(mktemp)
trap 'rm -f "$body"' EXIT
cat >"$body"

# Compares in constant time: what [ compares are MACs under a key that nobody knows.
equal() {
  local key
  key=$(openssl rand -hex 32)
  [ "$(printf %s "$1" | openssl dgst -sha256 -hmac "$key")" = "$(printf %s "$2" | openssl dgst -sha256 -hmac "$key")" ]
}

verify_plain() {
  local expected signature
  expected=$(openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r <"$body" | cut -d ' ' -f 1)
  for signature in "$@"; do
    if equal "$expected" "$signature"; then return 0; fi
  done
  return 1
}

verify_standard() {
  local id=$1 timestamp=$2 signatures=$3 age key expected signature
  [[ $timestamp =~ ^[0-9]{1,12}$ ]] || return 1
  age=$(($(date +%s) - 10#$timestamp))
  [ "${age#-}" -le 300 ] || return 1
  key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  expected=v1,$({ printf '%s.%s.' "$id" "$timestamp"; cat "$body"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
  for signature in $signatures; do
    if equal "$expected" "$signature"; then return 0; fi
  done
  return 1
}

word() { if "$@"; then echo verified; else echo refused; fi; }
echo "plain: $(word verify_plain "${HTTP_X_SWITCHBOARD_SIGNATURE:-}" "${HTTP_X_SWITCHBOARD_SIGNATURE_PREVIOUS:-}")"
echo "standard: $(word verify_standard "${HTTP_WEBHOOK_ID:-}" "${HTTP_WEBHOOK_TIMESTAMP:-}" "${HTTP_WEBHOOK_SIGNATURE:-}")"
