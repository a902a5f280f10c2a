//! Twilio's errors (specification `sms`, A9).

use crate::simulate::faults::Fault;

const fn fault(code: &'static str, http: u16, title: &'static str) -> Fault {
    Fault { code, http, title }
}

/// Every code of the table. Codes from 30000 on are told as a status.
pub const FAULTS: &[Fault] = &[
    fault("20003", 401, "Authenticate"),
    fault("20403", 403, "Forbidden"),
    fault("20404", 404, "The requested resource was not found"),
    fault("20429", 429, "Too many requests"),
    fault("20500", 500, "Internal server error"),
    fault("20503", 503, "Service unavailable"),
    fault("14107", 400, "Message rate exceeded"),
    fault("21211", 400, "Invalid 'To' phone number"),
    fault("21212", 400, "Invalid 'From' phone number"),
    fault("21217", 400, "Phone number does not appear to be valid"),
    fault("21408", 400, "Permission to send an SMS has not been enabled for the region"),
    fault("21602", 400, "Message body is required"),
    fault("21603", 400, "A 'From' phone number is required"),
    fault("21604", 400, "A 'To' phone number is required"),
    fault("21606", 400, "The 'From' phone number is not a valid, SMS-capable phone number for your account"),
    fault("21608", 400, "The number is unverified; trial accounts cannot send messages to unverified numbers"),
    fault("21609", 400, "Invalid 'StatusCallback' url"),
    fault("21610", 400, "Attempt to send to unsubscribed recipient"),
    fault("21611", 400, "This 'From' number has exceeded the maximum number of queued messages"),
    fault("21612", 400, "The 'To' phone number is not currently reachable using the 'From' phone number"),
    fault("21614", 400, "'To' number is not a valid mobile number"),
    fault("21617", 400, "The concatenated message body exceeds the 1600 character limit"),
    fault("21620", 400, "Invalid media URL(s)"),
    fault("21623", 400, "Number of media files exceeds allowed limit"),
    fault("21655", 400, "Invalid ContentSid"),
    fault("21656", 400, "The ContentVariables parameter is invalid"),
    fault("21659", 400, "The 'From' number is not a Twilio phone number or short code"),
    fault("21660", 400, "Mismatch between the 'From' number and the account"),
    fault("21703", 400, "The messaging service contains no phone numbers"),
    fault("21704", 400, "The messaging service contains no phone numbers that can send"),
    fault("21705", 400, "The messaging service is invalid"),
    fault("12300", 400, "Invalid content type"),
    fault("30001", 400, "Queue overflow"),
    fault("30002", 400, "Account suspended"),
    fault("30003", 400, "Unreachable destination handset"),
    fault("30004", 400, "Message blocked"),
    fault("30005", 400, "Unknown destination handset"),
    fault("30006", 400, "Landline or unreachable carrier"),
    fault("30007", 400, "Message filtered"),
    fault("30008", 400, "Unknown error"),
    fault("30010", 400, "Message price exceeds max price"),
    fault("30011", 400, "MMS not supported by the receiving phone number in this region"),
    fault("30017", 400, "Carrier network congestion"),
    fault("30019", 400, "Content size exceeds carrier limit"),
    fault("30022", 400, "US A2P 10DLC: rate limits exceeded"),
    fault("30023", 400, "US A2P 10DLC: daily message cap reached"),
    fault("30032", 400, "Toll-free number has not been verified"),
    fault("30034", 400, "Message from an unregistered number"),
    fault("30036", 400, "Validity period expired"),
    fault("63003", 400, "Channel could not find To address"),
    fault("63007", 400, "Twilio could not find a channel with the specified From address"),
    fault("63016", 400, "Failed to send freeform message because you are outside the allowed window"),
    fault("63017", 429, "Channel rate limit exceeded"),
    fault("63018", 429, "Rate limit exceeded for channel"),
    fault("63024", 400, "Invalid message recipient"),
    fault("63032", 400, "User cannot be sent this message due to a limitation"),
    fault("63033", 400, "Recipient blocked to receive message"),
];

/// The row of a code; for one that is not in the table, a row that says only that.
pub fn row(code: &str) -> Fault {
    FAULTS.iter().find(|fault| fault.code == code).copied().unwrap_or(Fault { code: "", http: 400, title: "Unknown error" })
}
