//! A file is one idea, at most 450 lines without its tests.

use super::{sources, without_tests};

const LINES_MAX: usize = 450;

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<_> = sources(&["src", "entities/src", "actors/src", "migration/src"])
        .iter()
        .filter(|(path, _)| !path.contains("/testing/") && !path.ends_with("/tests.rs"))
        .map(|(path, text)| (path.clone(), without_tests(text).lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "more than {LINES_MAX} lines, so more than one idea; split them: {long:?}");
}
