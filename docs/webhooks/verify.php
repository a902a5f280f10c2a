<?php
// Verifies a delivery. Behind a web server the headers are in $_SERVER as here; on a command line, in the environment, with the body on
// standard input.

function verify_plain(string $body, array $signatures, string $secret): bool
{
    $expected = hash_hmac('sha256', $body, $secret);
    foreach ($signatures as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

function verify_standard(string $body, string $id, string $timestamp, string $signatures, string $secret): bool
{
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        return false;
    }
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $signatures) as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

$body = file_get_contents(PHP_SAPI === 'cli' ? 'php://stdin' : 'php://input');
$secret = getenv('WEBHOOK_SECRET');
$header = fn (string $name): string => $_SERVER["HTTP_$name"] ?? '';
$plain = verify_plain($body, [$header('X_SWITCHBOARD_SIGNATURE'), $header('X_SWITCHBOARD_SIGNATURE_PREVIOUS')], $secret);
$standard = verify_standard($body, $header('WEBHOOK_ID'), $header('WEBHOOK_TIMESTAMP'), $header('WEBHOOK_SIGNATURE'), $secret);
echo 'plain: ', $plain ? 'verified' : 'refused', "\n", 'standard: ', $standard ? 'verified' : 'refused', "\n";
