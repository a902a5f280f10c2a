# Verifies a delivery, with what Ruby brings along. As a program: the headers in the environment, as CGI (and Rack) have them, the body on
# standard input.
require "openssl"

def verify_plain(body, signatures, secret)
  expected = OpenSSL::HMAC.hexdigest("SHA256", secret, body)
  signatures.any? { |signature| OpenSSL.secure_compare(expected, signature) }
end

def verify_standard(body, id, timestamp, signatures, secret)
  return false unless timestamp.match?(/\A\d+\z/) && (Time.now.to_i - timestamp.to_i).abs <= 300

  key = secret.delete_prefix("whsec_").unpack1("m0")
  mac = OpenSSL::HMAC.digest("SHA256", key, "#{id}.#{timestamp}.".b + body)
  expected = "v1,#{[mac].pack("m0")}"
  signatures.split(" ").any? { |signature| OpenSSL.secure_compare(expected, signature) }
end

body, secret = $stdin.binmode.read, ENV.fetch("WEBHOOK_SECRET")
header = ->(name) { ENV.fetch("HTTP_#{name}", "") }
plain = verify_plain(body, [header["X_SWITCHBOARD_SIGNATURE"], header["X_SWITCHBOARD_SIGNATURE_PREVIOUS"]], secret)
standard = verify_standard(body, header["WEBHOOK_ID"], header["WEBHOOK_TIMESTAMP"], header["WEBHOOK_SIGNATURE"], secret)
puts "plain: #{plain ? "verified" : "refused"}", "standard: #{standard ? "verified" : "refused"}"
