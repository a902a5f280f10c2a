//! Messenger's errors (specification `messenger` 12): main code, and its subcode behind a slash.

use crate::simulate::faults::Fault;

const fn fault(code: &'static str, http: u16, title: &'static str) -> Fault {
    Fault { code, http, title }
}

/// Every row of the table.
pub const FAULTS: &[Fault] = &[
    fault("190", 401, "Error validating access token"),
    fault("190/463", 401, "Error validating access token: session has expired"),
    fault("102", 401, "Session key invalid or no longer valid"),
    fault("467", 401, "Invalid access token"),
    fault("10/2018278", 400, "This message is sent outside of allowed window."),
    fault("10/2018065", 400, "This message is sent outside of allowed window."),
    fault("10/2018108", 400, "This person isn't receiving messages from you right now."),
    fault("10/2018300", 400, "This person has chosen not to receive messages."),
    fault("10/1893063", 400, "The Page is temporarily restricted from sending messages."),
    fault("10", 403, "Application does not have permission for this action"),
    fault("200", 403, "Requires pages_messaging permission to manage the object"),
    fault("230", 403, "Requires permission"),
    fault("200/2018028", 403, "Cannot message users who are not admins, developers or testers of the app until it is approved"),
    fault("200/1545041", 403, "This person isn't available right now."),
    fault("100", 400, "Invalid parameter"),
    fault("100/2018001", 400, "No matching user found"),
    fault("100/2018034", 400, "Message cannot be empty, must provide valid attachment or text"),
    fault("100/2018109", 400, "Attachment size exceeds allowable limit"),
    fault("100/2018047", 400, "Upload attachment failure."),
    fault("100/2018008", 400, "Failed to fetch the file from the url"),
    fault("551/1545041", 400, "This person isn't available right now."),
    fault("1545012", 400, "Temporary send message failure. Please try again later."),
    fault("1", 500, "An unknown error occurred"),
    fault("2", 503, "Service temporarily unavailable"),
    fault("1200", 500, "Temporary send message failure. Please try again later."),
    fault("4", 400, "Application request limit reached"),
    fault("17", 400, "User request limit reached"),
    fault("32", 400, "Page request limit reached"),
    fault("613", 400, "Calls to this api have exceeded the rate limit."),
    fault("80001", 400, "There have been too many calls to this Page account."),
    fault("80002", 400, "There have been too many calls to this Instagram account."),
    fault("80006", 400, "There have been too many calls to this messenger account."),
    fault("368", 403, "The action attempted has been deemed abusive or is otherwise disallowed"),
    fault("2018344", 400, "The Page has not accepted the terms for labels"),
    fault("803", 404, "Some of the aliases you requested do not exist"),
    fault("33", 400, "Object does not exist or cannot be loaded"),
];
