//! The guide shows what runs.

use std::fs;
use std::path::Path;

const SOURCES: [&str; 2] = [include_str!("main.rs"), include_str!("middleware.rs")];

/// Returns the lines of an example, moved to the left.
fn example(name: &str) -> Option<String> {
    let begin = format!("// example: {name}\n");
    let source = SOURCES
        .iter()
        .find_map(|source| source.split(begin.as_str()).nth(1))?;
    let lines = source.lines().take_while(|line| line.trim() != "// end");
    let lines: Vec<&str> = lines.collect();
    let indents = lines.iter().filter(|line| !line.is_empty());
    let indent = indents.map(|line| line.len() - line.trim_start().len()).min()?;
    let lines = lines.iter().map(|line| line.get(indent..).unwrap_or_default());
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Puts the examples into the text of the guide, each after its marker.
fn filled(guide: &str) -> String {
    let mut parts = guide.split("<!-- example: ");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part
            .split_once(" -->\n```rust\n")
            .expect("a block of code follows the marker");
        let (_, rest) = rest.split_once("\n```\n").expect("the block ends");
        let example = example(name).unwrap_or_else(|| panic!("there is no example `{name}`"));
        filled.push_str(&format!(
            "<!-- example: {name} -->\n```rust\n{example}\n```\n{rest}"
        ));
    }
    filled
}

#[test]
fn the_guide_shows_what_runs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../GUIDE.md");
    let guide = fs::read_to_string(&path).expect("the guide is there");
    let filled = filled(&guide);
    if std::env::var_os("AWSJSON_UPDATE").is_some() {
        fs::write(path, filled).expect("it can be written");
        return;
    }
    assert!(
        guide == filled,
        "GUIDE.md shows other examples than those that run here; to fix it, run: \
         AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test guide"
    );
    let shown = guide.matches("<!-- example: ").count();
    let all: usize = SOURCES
        .iter()
        .map(|source| source.matches("    // example: ").count())
        .sum();
    // One stands at the left margin.
    assert_eq!(shown, all + 1, "every example is shown");
}
