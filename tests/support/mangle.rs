//! What strangers send: any bytes, any JSON, and what is nearly right. For property tests, with a seed that is printed.

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};

use crate::stories::chance::Chance;

/// Deepest nesting that is sent: more than any reader of ours follows.
const DEPTH_MAX: usize = 300;

fn runner(name: &str, cases: u32) -> TestRunner {
    let mut chance = Chance::new(name);
    let seed: Vec<u8> = (0..4).flat_map(|_| chance.next().to_le_bytes()).collect();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// Tries what must hold for all such values; names the smallest for which it does not.
pub fn for_all<S: Strategy>(name: &str, cases: u32, strategy: S, holds: impl Fn(S::Value)) {
    let tried = runner(name, cases).run(&strategy, |value| {
        holds(value);
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{name}: {error}");
    }
}

/// So many such values, for tests that cannot try them in one go.
pub fn some<S: Strategy>(name: &str, count: u32, strategy: &S) -> Vec<S::Value> {
    let mut runner = runner(name, count);
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("a value can be made").current()).collect()
}

/// Texts that somebody has already broken something with, and any other.
pub fn text() -> impl Strategy<Value = String> {
    let known = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "a\nb",
        "\u{feff}",
        "\u{202e}txt.exe",
        "e\u{301}\u{301}\u{301}",
        "𝕊",
        "<script>",
        "' OR 1=1 --",
        "../../etc/passwd",
        "%00",
        "true",
        "0",
        "-1",
        "null",
        "jane@example.com",
        "+4930123456",
        "https://example.com/a.png",
        "00000000-0000-0000-0000-000000000000",
        "0198a1fd-fc00-7000-8000-000000000001",
        "conversation:x",
        "inbox",
        "9f3c01ab-1",
    ];
    prop_oneof![
        4 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        4 => vec(any::<char>(), 0..20).prop_map(|chars| chars.into_iter().collect()),
        1 => (0usize..4, proptest::sample::select(vec!["x", "ä", "\u{0}", " "])).prop_map(|(power, piece)| piece.repeat(11 * 10usize.pow(power as u32))),
    ]
}

/// Any JSON.
pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Eighths: what is written is read again exactly, whatever the reader's way with the last bit.
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        proptest::sample::select(vec![0i64, -1, 1, 101, i64::MIN, i64::MAX]).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// One change to something that was right.
#[derive(Debug, Clone)]
enum Edit {
    /// Puts something else in a place.
    Swap(Value),
    /// Takes a member or an item away.
    Drop,
    /// Adds a member.
    Add(String, Value),
    /// Puts a value into arrays.
    Nest(usize),
}

/// One change to the text of it.
#[derive(Debug, Clone)]
enum Scratch {
    Nothing,
    /// Names its first member twice.
    Twice,
    /// Ends too early.
    Cut(usize),
    /// Replaces a byte.
    Byte(usize, u8),
    /// Puts an escape or a number that is none into the first text, or for the first value.
    Escape(&'static str),
    Number(&'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => any_json().prop_map(Edit::Swap),
        2 => Just(Edit::Drop),
        1 => (text(), any_json()).prop_map(|(name, value)| Edit::Add(name, value)),
        1 => (1..DEPTH_MAX).prop_map(Edit::Nest),
    ]
}

fn scratch() -> impl Strategy<Value = Scratch> {
    let escapes = vec!["\\ud800", "\\udc00\\ud800", "\\u0000", "\\x", "\u{1}"];
    let numbers = vec!["1e999", "-1e999", "123456789012345678901234567890", "0.1e-999", "00", "NaN", "-"];
    prop_oneof![
        6 => Just(Scratch::Nothing),
        1 => Just(Scratch::Twice),
        1 => any::<usize>().prop_map(Scratch::Cut),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Scratch::Byte(at, byte)),
        1 => proptest::sample::select(escapes).prop_map(Scratch::Escape),
        1 => proptest::sample::select(numbers).prop_map(Scratch::Number),
    ]
}

/// What was right, with up to three changes: types swapped, members dropped or named twice, deep nesting, huge numbers, lone surrogates, NUL.
pub fn mangled(right: Vec<Value>) -> impl Strategy<Value = Vec<u8>> {
    (proptest::sample::select(right), vec((any::<usize>(), edit()), 0..3), scratch()).prop_map(|(mut value, edits, scratch)| {
        for (place, edit) in edits {
            apply(&mut value, place, edit);
        }
        scratched(value.to_string(), scratch)
    })
}

fn apply(value: &mut Value, place: usize, edit: Edit) {
    let places = pointers(value);
    let pointer = &places[place % places.len()];
    if let Edit::Drop = edit {
        let Some((parent, name)) = pointer.rsplit_once('/') else { return };
        match value.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.remove(&name.replace("~1", "/").replace("~0", "~"))),
            Some(Value::Array(items)) => drop(items.pop()),
            _ => {}
        }
        return;
    }
    let Some(target) = value.pointer_mut(pointer) else { return };
    match edit {
        Edit::Swap(other) => *target = other,
        Edit::Nest(depth) => *target = (0..depth).fold(target.take(), |inner, _| json!([inner])),
        Edit::Add(name, other) => match target {
            Value::Object(members) => drop(members.insert(name, other)),
            Value::Array(items) => items.push(other),
            _ => *target = json!({name: other}),
        },
        Edit::Drop => {}
    }
}

/// The pointers to everything in a value, the whole included.
fn pointers(value: &Value) -> Vec<String> {
    let mut all = vec![String::new()];
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        all.extend(pointers(value).into_iter().map(|rest| format!("/{name}{rest}")));
    }
    all
}

fn scratched(text: String, scratch: Scratch) -> Vec<u8> {
    let in_first = |mark: &str, put: &str| match text.split_once(mark) {
        Some((front, back)) => format!("{front}{mark}{put}{back}"),
        None => format!("{text}{put}"),
    };
    let mut bytes = match scratch {
        Scratch::Twice => {
            let first = text.split_once(':').map(|(front, _)| front.trim_start_matches('{').to_owned()).unwrap_or_default();
            return in_first("{", &format!("{first}:1,")).into_bytes();
        }
        Scratch::Escape(escape) => return in_first(":\"", escape).into_bytes(),
        Scratch::Number(number) => return in_first(":", &format!("{number},\"rest\":")).into_bytes(),
        Scratch::Nothing => return text.into_bytes(),
        Scratch::Cut(_) | Scratch::Byte(..) => text.into_bytes(),
    };
    match scratch {
        Scratch::Cut(at) => bytes.truncate(at % (bytes.len() + 1)),
        Scratch::Byte(at, byte) if !bytes.is_empty() => {
            let place = at % bytes.len();
            bytes[place] = byte;
        }
        _ => {}
    }
    bytes
}
