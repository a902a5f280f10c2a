//! WhatsApp's errors (specification `whatsapp` 13).

use crate::simulate::faults::Fault;

const fn fault(code: &'static str, http: u16, title: &'static str) -> Fault {
    Fault { code, http, title }
}

/// Every code of the table. Of ranges, the ones with a meaning of their own.
pub const FAULTS: &[Fault] = &[
    fault("0", 401, "AuthException: the app user could not be authenticated"),
    fault("190", 401, "Access token has expired"),
    fault("190/460", 401, "The password was changed"),
    fault("190/463", 401, "Session has expired"),
    fault("190/467", 401, "The access token was invalidated"),
    fault("3", 500, "Capability or permissions issue"),
    fault("10", 403, "Permission is either not granted or has been removed"),
    fault("200", 403, "Permission is either not granted or has been removed"),
    fault("1", 500, "An unknown error occurred"),
    fault("2", 503, "Temporary issue due to downtime"),
    fault("4", 400, "The app has reached its API call rate limit"),
    fault("80007", 400, "The WhatsApp Business Account has reached its rate limit"),
    fault("33", 400, "Business phone number has been deleted"),
    fault("100", 400, "Invalid parameter"),
    fault(
        "100/33",
        400,
        "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation",
    ),
    fault("368", 403, "Temporarily blocked for policies violations"),
    fault("130429", 400, "Cloud API message throughput has been reached"),
    fault("130472", 400, "User's number is part of an experiment"),
    fault("130497", 403, "Business account is restricted from messaging users in this country"),
    fault("131000", 500, "Something went wrong"),
    fault("131005", 403, "Access denied"),
    fault("131008", 400, "Required parameter is missing"),
    fault("131009", 400, "Parameter value is not valid"),
    fault("131016", 500, "Service unavailable"),
    fault("131021", 400, "Recipient cannot be sender"),
    fault("131026", 400, "Message undeliverable"),
    fault("131030", 400, "Recipient phone number not in allowed list"),
    fault("131031", 403, "Account has been locked"),
    fault("131037", 400, "Display name approval is needed before messages can be sent"),
    fault("131042", 400, "Business eligibility: payment issue"),
    fault("131044", 400, "Business eligibility: no payment method"),
    fault("131045", 500, "Message failed to send due to a phone number registration error"),
    fault("131047", 400, "Re-engagement message"),
    fault("131048", 400, "Spam rate limit hit"),
    fault("131049", 400, "Message was not delivered to maintain healthy ecosystem engagement"),
    fault("131050", 400, "User has stopped marketing messages from this business"),
    fault("131051", 400, "Unsupported message type"),
    fault("131052", 400, "Media download error"),
    fault("131053", 400, "Media upload error"),
    fault("131056", 400, "(Business Account, Consumer Account) pair rate limit hit"),
    fault("131057", 500, "Account in maintenance mode"),
    fault("131062", 400, "Business-scoped user id recipients are not supported for this message"),
    fault("131063", 400, "Marketing templates are disabled on this API"),
    fault("131064", 400, "Messaging limit reached because of the template's classification"),
    fault("132000", 400, "Number of parameters does not match the expected number of parameters"),
    fault("132001", 404, "Template name does not exist in the translation"),
    fault("132005", 400, "Translated text too long"),
    fault("132007", 400, "Template format character policy violated"),
    fault("132008", 400, "Template policy violated"),
    fault("132012", 400, "Template parameter format does not match"),
    fault("132015", 400, "Template is paused"),
    fault("132016", 400, "Template is disabled"),
    fault("132068", 400, "Flow is blocked"),
    fault("132069", 400, "Flow is throttled"),
    fault("133000", 500, "Incomplete deregistration"),
    fault("133004", 503, "Server temporarily unavailable"),
    fault("133005", 400, "Two-step verification PIN mismatch"),
    fault("133006", 400, "Phone number re-verification is needed"),
    fault("133008", 400, "Too many two-step verification PIN guesses"),
    fault("133009", 400, "Two-step verification PIN was guessed too fast"),
    fault("133010", 400, "Phone number is not registered"),
    fault("133015", 400, "Please wait a few minutes before registering this phone number"),
    fault("133016", 400, "Account register or deregister rate limit exceeded"),
    fault("135000", 400, "Generic user error"),
    fault("137000", 400, "Identity key hash mismatch"),
];

/// The longer text that stands in `error_data.details`.
pub fn details(code: &str, title: &str) -> String {
    match code {
        "131047" => "Message failed to send because more than 24 hours have passed since the customer last replied to this number.".to_owned(),
        "131056" => "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.".to_owned(),
        "131026" => "Message undeliverable. The recipient is not a WhatsApp number, has not accepted the new terms, or uses an old version.".to_owned(),
        _ => title.to_owned(),
    }
}
