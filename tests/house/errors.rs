//! Every problem code is documented, and nothing else is.

use std::collections::BTreeMap;

use switchboard::http::problem::Code;

#[test]
fn every_code_is_documented_with_its_status() {
    let text = include_str!("../../docs/errors.md");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeMap<String, String> = rows
        .map(|row| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`').to_owned(), cells[2].to_owned())
        })
        .collect();
    let known: BTreeMap<String, String> = Code::ALL.iter().map(|code| (code.as_str().to_owned(), code.status().to_string())).collect();
    assert_eq!(documented, known, "docs/errors.md and http::problem::Code differ");
}
