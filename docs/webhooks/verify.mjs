// Verifies a delivery, with what Node.js brings along. As a program: the headers in the environment, as CGI has them, the body on standard
// input. In a server, take the raw body: JSON that was parsed and written again has other bytes.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

const equal = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

export function verifyPlain(body, signatures, secret) {
  const expected = createHmac("sha256", secret).update(body).digest("hex");
  return signatures.some((signature) => equal(expected, signature));
}

export function verifyStandard(body, id, timestamp, signatures, secret) {
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return signatures.split(" ").some((signature) => equal(`v1,${mac}`, signature));
}

const [body, secret] = [readFileSync(0), process.env.WEBHOOK_SECRET];
const header = (name) => process.env[`HTTP_${name}`] ?? "";
const plain = verifyPlain(body, [header("X_SWITCHBOARD_SIGNATURE"), header("X_SWITCHBOARD_SIGNATURE_PREVIOUS")], secret);
const standard = verifyStandard(body, header("WEBHOOK_ID"), header("WEBHOOK_TIMESTAMP"), header("WEBHOOK_SIGNATURE"), secret);
console.log(`plain: ${plain ? "verified" : "refused"}\nstandard: ${standard ? "verified" : "refused"}`);
