//! Calls (specification `dialpad` 6): each scenario is a list of events, some of them about legs of their own.

use serde_json::{Map, Value, json};

use super::{AGENT_ID, Dialpad, OFFICE_ID, QUEUE_ID, fresh_id, texts::contact_id};
use crate::simulate::{
    provider::{Acted, Notice, Refused},
    world::{Message, Side, Status, World},
};

/// How long somebody talks.
const TALK_MS: i64 = 90_000;
/// The contact that stands for callers who withhold their number.
const NOBODY_ID: u64 = 6_480_000_000_000_001;
/// How long it rings.
const RING_MS: i64 = 12_000;

/// A call while its events are made.
struct Line<'a> {
    dialpad: &'a Dialpad,
    /// The customer's number; nothing if it is withheld.
    number: Option<String>,
    name: String,
    outbound: bool,
    custom_data: Option<String>,
    /// When it began.
    began_ms: i64,
    told: Vec<Notice>,
    /// The event of its end.
    last: Value,
}

impl Line<'_> {
    fn target(&self, who: &str) -> Value {
        let phone = &self.dialpad.number;
        match who {
            "queue" => {
                json!({"email": "", "id": QUEUE_ID, "name": "Support queue", "office_id": OFFICE_ID, "phone": phone, "type": "call_center"})
            }
            "second" => {
                json!({"email": "second@example.org", "id": AGENT_ID + 1, "name": "Sam Second", "office_id": OFFICE_ID, "phone": phone, "type": "user"})
            }
            _ => {
                json!({"email": "agent@example.org", "id": AGENT_ID, "name": "Alex Agent", "office_id": OFFICE_ID, "phone": phone, "type": "user"})
            }
        }
    }

    /// One event of one leg; `more` replaces fields.
    fn event(&mut self, call_id: u64, state: &str, who: &str, at_ms: i64, more: Value) {
        let id = self.number.as_deref().map_or(NOBODY_ID, contact_id);
        let contact = json!({"email": "", "id": id, "name": self.name, "phone": self.number, "type": "local"});
        let mut event = Map::new();
        let nothing = [
            "master_call_id",
            "entry_point_call_id",
            "operator_call_id",
            "group_id",
            "date_first_rang",
            "date_queued",
            "date_rang",
            "date_connected",
            "date_ended",
            "duration",
            "total_duration",
            "talk_time",
            "hold_time",
            "voicemail_link",
            "voicemail_recording_id",
            "transcription_text",
            "mos_score",
            "csat_score",
            "callback_requested",
        ];
        event.extend(nothing.map(|name| (name.to_owned(), Value::Null)));
        let known = json!({
            "call_id": call_id, "state": state, "direction": if self.outbound { "outbound" } else { "inbound" }, "external_number": self.number,
            "internal_number": self.dialpad.number, "contact": contact, "target": self.target(who), "entry_point_target": {}, "proxy_target": {},
            "date_started": self.began_ms, "is_transferred": false, "was_recorded": false, "recording_details": [], "call_recording_ids": [],
            "labels": [], "routing_breadcrumbs": [], "target_availability_status": "open", "event_timestamp": self.began_ms + at_ms,
        });
        for fields in [known, more] {
            if let Value::Object(fields) = fields {
                event.extend(fields);
            }
        }
        if let Some(custom_data) = &self.custom_data {
            event.insert("custom_data".to_owned(), custom_data.as_str().into());
        }
        if state == "hangup" || state == "voicemail" {
            self.last = Value::Object(event.clone());
        }
        // One tick and a half between events, so that somebody who watches sees each.
        let wait = self.told.len() as u32 * 3 / 2;
        let notices = self.dialpad.tell("call", &Value::Object(event), &format!("call: {state}"), wait);
        self.told.extend(notices);
    }

    /// The fields of a leg that was answered and has ended.
    fn over(&self, recorded: bool) -> Value {
        let answered = self.began_ms + RING_MS;
        json!({
            "date_rang": self.began_ms + 500, "date_connected": answered, "date_ended": answered + TALK_MS, "duration": TALK_MS as f64,
            "total_duration": (RING_MS + TALK_MS) as f64, "talk_time": TALK_MS - 5_000, "hold_time": 5_000, "was_recorded": recorded, "mos_score": 4.41,
        })
    }

    /// What a list says of the call when it is over (1: times are milliseconds in letters).
    fn ended(&self) -> Value {
        let mut said = serde_json::Map::new();
        for name in ["state", "target", "date_started", "date_connected", "date_ended", "duration", "master_call_id", "operator_call_id"] {
            let value = self.last.get(name).cloned().unwrap_or_default();
            let letters = name.starts_with("date_") && value.is_number();
            said.insert(name.to_owned(), if letters { value.to_string().into() } else { value });
        }
        said.into()
    }

    fn connected(&self) -> Value {
        json!({"date_rang": self.began_ms + 500, "date_connected": self.began_ms + RING_MS})
    }
}

impl Dialpad {
    /// A scenario, at the customer's wish or the business's (`custom_data` is then what it gave along).
    pub(super) fn call(&self, world: &mut World, key: &str, scenario: &str) -> Result<Acted, Refused> {
        self.ring(world, key, scenario, None).map(|(_, acted)| acted)
    }

    /// The same; answers with the call's id as well.
    pub(super) fn ring(&self, world: &mut World, key: &str, scenario: &str, custom_data: Option<&str>) -> Result<(u64, Acted), Refused> {
        let customer = world.customer(key).ok_or_else(|| Refused::NoCustomer(key.to_owned()))?.clone();
        let ids = [fresh_id(world), fresh_id(world), fresh_id(world), fresh_id(world)];
        let [id, ..] = ids;
        let mut line = Line {
            dialpad: self,
            number: Some(customer.key).filter(|_| scenario != "call_anonymous"),
            name: customer.name,
            outbound: scenario == "call_outbound",
            custom_data: custom_data.map(str::to_owned),
            began_ms: world.now_ms(),
            told: Vec::new(),
            last: Value::Null,
        };
        let shown = play(&mut line, scenario, ids).ok_or_else(|| Refused::Nothing(format!("extra {scenario}")))?;
        let (outbound, line_number, ended) = (line.outbound, line.number.clone(), line.ended());
        let told = line.told;
        let mut message =
            Message::new(id.to_string(), if outbound { Side::Business } else { Side::Customer }, "call", shown, world.now_ms());
        message.status = Status::Accepted;
        if let Some(customer) = world.customer_mut(key) {
            customer.push(message);
        }
        let direction = if outbound { "outbound" } else { "inbound" };
        let known =
            json!({"call_id": id.to_string(), "direction": direction, "external_number": line_number, "internal_number": self.number});
        self.note(|books| books.end_call(id, with(known, ended)));
        let mut acted = Acted { message_id: Some(id.to_string()), notices: told };
        if let Some(first) = acted.notices.first_mut() {
            first.ticks.push((key.to_owned(), id.to_string()));
        }
        Ok((id, acted))
    }
}

/// Fields with others in their places.
fn with(mut fields: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
        fields.extend(more);
    }
    fields
}

/// When the last leg has ended.
const END_MS: i64 = RING_MS + TALK_MS + 1_000;

/// Plays a scenario; answers with what the page shows, or nothing if there is no such scenario.
fn play(line: &mut Line<'_>, scenario: &str, [id, queue, agent, second]: [u64; 4]) -> Option<&'static str> {
    match scenario {
        "call_answered" | "call_anonymous" => line.answered(id),
        "call_queue" => line.queued(id, queue, agent),
        "call_transfer" => line.transferred(id, second),
        "call_missed" | "call_abandoned" => line.unanswered(id, scenario == "call_missed"),
        "call_voicemail" => line.voicemail(id),
        "call_outbound" => {
            let connected = line.connected();
            line.event(id, "calling", "agent", 100, Value::Null);
            line.event(id, "connected", "agent", RING_MS + 300, connected);
            line.event(id, "hangup", "agent", END_MS, line.over(false));
        }
        _ => return None,
    }
    Some(match scenario {
        "call_queue" => "📞 A call through the queue, 1 min 30 s",
        "call_transfer" => "📞 A call that was handed over",
        "call_missed" => "📞 A call that nobody answered",
        "call_abandoned" => "📞 A call, hung up while it rang",
        "call_voicemail" => "📞 A call with a voicemail",
        "call_outbound" => "📞 The business called, 1 min 30 s",
        _ => "📞 A call: somebody answered, 1 min 30 s",
    })
}

impl Line<'_> {
    /// 6.1, 6.2, 6.3, 6.6, 6.7: rung, answered, ended, and what comes later.
    fn answered(&mut self, id: u64) {
        self.event(id, "ringing", "queue", 900, json!({"date_first_rang": self.began_ms + 400}));
        self.event(id, "connected", "agent", RING_MS + 300, self.connected());
        self.event(id, "hangup", "agent", END_MS, self.over(true));
        let (recording, url) = ("4800000000000001", "https://dialpad.com/r/4800000000000001");
        let began = self.began_ms + RING_MS;
        let details = json!({"id": recording, "duration": TALK_MS, "recording_type": "callrecording", "start_time": began, "url": url});
        let links = json!({"recording_details": [details], "call_recording_ids": [recording], "recording_url": [url]});
        self.event(id, "recording", "agent", END_MS + 30_000, with(self.over(true), links));
        let recap = "Customer asked for the status of order 42; promised an answer today.";
        self.event(id, "recap_summary", "agent", END_MS + 60_000, json!({"recap_summary": recap}));
    }

    /// 6.11: legs come in any order; here the agent's first.
    fn queued(&mut self, id: u64, queue: u64, agent: u64) {
        let of_queue = json!({"entry_point_call_id": queue});
        self.event(agent, "connected", "agent", RING_MS + 350, with(self.connected(), of_queue.clone()));
        self.event(id, "ringing", "queue", 900, Value::Null);
        let joined = json!({"master_call_id": id, "operator_call_id": agent});
        self.event(queue, "connected", "queue", RING_MS + 300, with(self.connected(), joined));
        self.event(agent, "hangup", "agent", END_MS, with(self.over(false), of_queue));
        self.event(id, "hangup", "agent", END_MS + 100, self.over(false));
    }

    /// A second person takes over, on a leg of their own.
    fn transferred(&mut self, id: u64, second: u64) {
        self.event(id, "ringing", "agent", 900, Value::Null);
        self.event(id, "connected", "agent", RING_MS + 300, self.connected());
        self.event(id, "hold", "agent", RING_MS + 20_000, self.connected());
        let taken_ms = RING_MS + 40_000;
        let taken = json!({"master_call_id": id, "date_connected": self.began_ms + taken_ms});
        self.event(second, "connected", "second", taken_ms, with(self.connected(), taken));
        self.event(second, "hangup", "second", END_MS, with(self.over(false), json!({"master_call_id": id, "is_transferred": true})));
    }

    /// 6.4: nobody answers, or nobody waits for it.
    fn unanswered(&mut self, id: u64, missed: bool) {
        self.event(id, "ringing", "queue", 900, Value::Null);
        let ended_ms = if missed { 31_500 } else { 8_951 };
        if missed {
            self.event(id, "missed", "queue", 31_000, json!({"date_rang": self.began_ms + 500}));
        }
        let total = ended_ms as f64 + 0.03;
        let over = json!({"date_ended": self.began_ms + ended_ms, "duration": 0, "total_duration": total, "talk_time": 0, "hold_time": 0});
        self.event(id, "hangup", "queue", ended_ms + 500, with(over, json!({"is_transferred": !missed})));
    }

    /// 6.5: left, then there to be heard, then written down.
    fn voicemail(&mut self, id: u64) {
        let ended = json!({"date_ended": self.began_ms + 60_000});
        self.event(id, "ringing", "queue", 900, Value::Null);
        self.event(id, "voicemail", "queue", 60_500, ended.clone());
        let left = with(ended, json!({"voicemail_link": "https://dialpad.com/blob/voicemail/4790000000000001.mp3"}));
        let (recording, url) = (4_790_000_000_000_001_u64, "https://dialpad.com/r/4790000000000001");
        let began = self.began_ms + 35_000;
        let details =
            json!({"id": recording.to_string(), "duration": 21_000, "recording_type": "voicemail", "start_time": began, "url": url});
        let uploaded = json!({"recording_details": [details], "voicemail_recording_id": recording});
        self.event(id, "voicemail_uploaded", "queue", 75_000, with(left.clone(), uploaded));
        let words = json!({"transcription_text": "Hi, please call me back about order 42."});
        self.event(id, "transcription", "queue", 90_000, with(left, words));
    }
}
