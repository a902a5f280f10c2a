// Verifies a delivery with the official library: npm install standardwebhooks
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const headers = {
  "webhook-id": process.env.HTTP_WEBHOOK_ID ?? "",
  "webhook-timestamp": process.env.HTTP_WEBHOOK_TIMESTAMP ?? "",
  "webhook-signature": process.env.HTTP_WEBHOOK_SIGNATURE ?? "",
};
try {
  new Webhook(process.env.WEBHOOK_SECRET).verify(readFileSync(0), headers);
  console.log("standard: verified");
} catch (error) {
  if (error.constructor.name !== "WebhookVerificationError") throw error;
  console.log("standard: refused");
}
