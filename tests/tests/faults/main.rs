//! What a client makes of everything that can go wrong between it and a service: the table in `tests/faults`.

#[path = "../../golden/probe.rs"]
#[allow(dead_code, unused_imports)]
mod probe;

mod h2;
mod peer;
mod run;
mod shutdown;
mod soak;
mod storms;
mod table;
mod tls;

use std::path::Path;
use std::sync::Mutex;
use std::thread;

use table::Table;
use tls::Authorities;

#[test]
fn every_fault_ends_as_the_table_says() {
    let table = Table::read();
    let only = std::env::var("AWSJSON_FAULT").unwrap_or_default();
    let rows = table.rows.iter().filter(|row| row.fault.contains(&only));
    let pairs: Vec<_> = rows
        .flat_map(|row| row.over.iter().map(move |over| (row, *over)))
        .collect();
    let authorities = Authorities::new();
    let (next, wrong) = (Mutex::new(pairs.iter()), Mutex::new(Vec::new()));
    // Most of them wait most of the time.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((row, over)) = next.lock().expect("no panic").next() else {
                        return;
                    };
                    for what in run::run(row, *over, &authorities) {
                        let what = format!("{}, over {}: {what}", row.fault, over.text());
                        wrong.lock().expect("no panic").push(what);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(
        wrong.is_empty(),
        "{} cells are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_table_for_readers_is_that_of_the_tests() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/FAULTS.md");
    let text = Table::read().markdown();
    if std::env::var_os("AWSJSON_UPDATE").is_some() {
        std::fs::write(&path, &text).expect("it can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "run AWSJSON_UPDATE=1 cargo test -p awsjson-tests --test faults"
    );
}

#[test]
fn what_is_proven_elsewhere_is() {
    for row in Table::read().elsewhere {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(&row.file);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            text.contains(&format!("fn {}(", row.test)),
            "{}: no test `{}` in {}",
            row.fault,
            row.test,
            row.file
        );
    }
}
