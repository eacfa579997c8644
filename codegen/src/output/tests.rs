use std::collections::BTreeMap;

use super::*;

fn file(path: &str, contents: &str) -> File {
    File {
        path: path.into(),
        contents: contents.as_bytes().to_vec(),
    }
}

fn below(paths: &[&str]) -> Stale {
    Stale::Remove {
        below: paths.iter().map(PathBuf::from).collect(),
    }
}

/// A folder with a file of ours, `src/a.rs`, and somebody else's, `README.md`.
fn folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("src")).unwrap();
    fs::write(root.path().join("src/a.rs"), "old").unwrap();
    fs::write(root.path().join("README.md"), "by hand").unwrap();
    root
}

/// Everything below a folder: files with their contents, folders with nothing.
fn listing(root: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.insert(path.clone(), fs::read(&path).ok());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

fn paths(paths: &[&str]) -> Vec<PathBuf> {
    paths.iter().map(PathBuf::from).collect()
}

#[test]
fn new_and_changed_files_are_written_and_stale_ones_removed() {
    let root = folder();
    fs::create_dir(root.path().join("src/gone")).unwrap();
    fs::write(root.path().join("src/gone/old.rs"), "").unwrap();
    let files = [file("src/a.rs", "new"), file("src/deep/er/b.rs", "b")];
    let report = write(root.path(), &files, below(&["src"])).unwrap();
    assert_eq!(report.written, paths(&["src/a.rs", "src/deep/er/b.rs"]));
    assert_eq!(report.removed, paths(&["src/gone/old.rs"]));
    assert_eq!(fs::read(root.path().join("src/a.rs")).unwrap(), b"new");
    assert_eq!(fs::read(root.path().join("src/deep/er/b.rs")).unwrap(), b"b");
    assert!(!root.path().join("src/gone").exists(), "the empty folder stayed");
    assert!(
        root.path().join("README.md").exists(),
        "a file outside of `below` vanished"
    );
    assert_eq!(check(root.path(), &files, below(&["src"])).unwrap(), []);
}

#[test]
fn files_that_are_as_they_should_be_are_not_touched() {
    let root = folder();
    let path = root.path().join("src/a.rs");
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    let report = write(root.path(), &[file("src/a.rs", "old")], below(&["src"])).unwrap();
    assert_eq!((report.unchanged, report.written.len()), (1, 0));
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), long_ago);
}

#[test]
fn stale_files_may_stay() {
    let root = folder();
    let report = write(root.path(), &[file("src/b.rs", "b")], Stale::Keep).unwrap();
    assert_eq!(report.removed, paths(&[]));
    assert!(root.path().join("src/a.rs").exists());
}

#[test]
fn a_single_stale_file_can_be_named() {
    let root = folder();
    let report = write(root.path(), &[], below(&["src/a.rs", "src/never.rs"])).unwrap();
    assert_eq!(report.removed, paths(&["src/a.rs"]));
    assert!(root.path().exists());
}

#[test]
fn a_check_names_each_difference_and_writes_nothing() {
    let root = folder();
    fs::write(root.path().join("src/z.rs"), "").unwrap();
    let before = listing(root.path());
    let files = [file("src/new.rs", ""), file("src/a.rs", "other")];
    let differences = check(root.path(), &files, below(&["src"])).unwrap();
    let found: Vec<_> = differences
        .iter()
        .map(|d| (d.path.to_str().unwrap(), d.kind))
        .collect();
    assert_eq!(
        found,
        [
            ("src/a.rs", DifferenceKind::Differs),
            ("src/new.rs", DifferenceKind::Missing),
            ("src/z.rs", DifferenceKind::Stale),
        ]
    );
    assert_eq!(listing(root.path()), before);
}

#[test]
fn paths_that_leave_the_root_are_refused_and_no_file_is_touched() {
    let outer = folder();
    let root = outer.path().join("src");
    let before = listing(outer.path());
    for path in ["../escaped", "a/../../escaped", "/tmp/awsjson-escaped", "", "."] {
        let files = [file("fine.rs", ""), file(path, "")];
        let error = write(&root, &files, Stale::Keep).unwrap_err();
        assert!(matches!(error, Error::Outside { .. }), "{path}: {error}");
        check(&root, &files, Stale::Keep).unwrap_err();
        let error = write(&root, &[], below(&[path])).unwrap_err();
        assert!(matches!(error, Error::Outside { .. }), "below {path}: {error}");
    }
    assert_eq!(listing(outer.path()), before);
}

#[test]
fn two_files_with_one_path_are_refused() {
    let root = folder();
    let before = listing(root.path());
    let error = write(root.path(), &[file("b", "1"), file("b", "2")], Stale::Keep).unwrap_err();
    assert!(matches!(error, Error::Duplicate { .. }), "{error}");
    assert_eq!(listing(root.path()), before);
}

#[cfg(unix)]
#[test]
fn an_error_touches_no_file_and_leaves_no_folder() {
    let root = folder();
    std::os::unix::fs::symlink("nowhere", root.path().join("dangling")).unwrap();
    let before = listing(root.path());
    let files = [
        file("src/a.rs", "new"),
        file("src/deep/er/b.rs", "b"),
        file("dangling/c.rs", "c"),
    ];
    let error = write(root.path(), &files, below(&["src"])).unwrap_err();
    assert!(matches!(error, Error::Link { .. }), "{error}");
    assert_eq!(listing(root.path()), before);
}

#[test]
fn a_file_in_the_place_of_a_folder_is_refused() {
    let root = folder();
    let before = listing(root.path());
    let error = write(
        root.path(),
        &[file("a", ""), file("README.md/c.rs", "")],
        Stale::Keep,
    )
    .unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(listing(root.path()), before);
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused() {
    let root = folder();
    let before = listing(root.path());
    let files = [file("a", ""), file("src", "")];
    let error = write(root.path(), &files, Stale::Keep).unwrap_err();
    assert!(matches!(error, Error::Obstacle { .. }), "{error}");
    assert_eq!(listing(root.path()), before);
}

#[test]
fn the_root_is_created() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().join("not/yet");
    write(&root, &[file("a", "a")], Stale::Keep).unwrap();
    assert_eq!(fs::read(root.join("a")).unwrap(), b"a");
}

#[cfg(unix)]
#[test]
fn links_are_removed_but_not_followed() {
    let root = folder();
    let elsewhere = folder();
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join("src/link")).unwrap();
    let report = write(root.path(), &[file("src/a.rs", "old")], below(&["src"])).unwrap();
    assert_eq!(report.removed, paths(&["src/link"]));
    assert!(elsewhere.path().join("src/a.rs").exists());
}

#[cfg(unix)]
#[test]
fn written_files_are_readable_by_others_as_the_umask_has_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let root = folder();
    fs::write(root.path().join("plain"), "").unwrap();
    write(root.path(), &[file("staged", "a")], Stale::Keep).unwrap();
    let mode = |name: &str| fs::metadata(root.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("staged"), mode("plain"));
}

/// A folder, and one beside it that a symbolic link in the first leads to.
#[cfg(unix)]
fn linked(link: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let both = tempfile::tempdir().unwrap();
    let (root, outside) = (both.path().join("root"), both.path().join("outside"));
    for folder in [&root, &outside] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(outside.join("a.rs"), "somebody else's").unwrap();
    fs::write(outside.join("journal.json"), "somebody else's").unwrap();
    std::os::unix::fs::symlink(&outside, root.join(link)).unwrap();
    (both, root, outside)
}

#[cfg(unix)]
#[test]
fn nothing_is_written_or_removed_through_a_symbolic_link() {
    for (link, path) in [
        ("src", "src/types/a.rs"),
        ("src", "src/a.rs"),
        (".awsjson-transaction", "b.rs"),
    ] {
        let (_both, root, outside) = linked(link);
        let before = listing(&outside);
        let error = write(&root, &[file(path, "new")], below(&["src/types"])).unwrap_err();
        assert!(matches!(error, Error::Link { .. }), "{link}: {error}");
        assert_eq!(listing(&outside), before, "{link}");
    }
    // A link to a file is replaced, as any file; what it led to stays.
    let (_both, root, outside) = linked("folder");
    std::os::unix::fs::symlink(outside.join("a.rs"), root.join("b.rs")).unwrap();
    write(&root, &[file("b.rs", "new")], Stale::Keep).unwrap();
    assert_eq!(fs::read_to_string(root.join("b.rs")).unwrap(), "new");
    assert_eq!(
        fs::read_to_string(outside.join("a.rs")).unwrap(),
        "somebody else's"
    );
}

#[test]
fn a_journal_reaches_nothing_outside_of_the_root() {
    let outside = |step: &str| {
        let both = tempfile::tempdir().unwrap();
        let root = both.path().join("root");
        fs::create_dir_all(root.join(".awsjson-transaction")).unwrap();
        fs::write(root.join(".awsjson-transaction/0"), "new").unwrap();
        fs::write(both.path().join("a.rs"), "somebody else's").unwrap();
        let step = step.replace("BOTH", &both.path().display().to_string());
        fs::write(
            root.join(".awsjson-transaction/journal.json"),
            format!("[{step}]"),
        )
        .unwrap();
        let error = recover(&root).unwrap_err();
        assert!(matches!(error, Error::Outside { .. }), "{step}: {error}");
        assert_eq!(
            fs::read_to_string(both.path().join("a.rs")).unwrap(),
            "somebody else's",
            "{step}"
        );
    };
    outside(r#"{"move": {"from": "0", "to": "../a.rs"}}"#);
    outside(r#"{"move": {"from": "0", "to": "BOTH/a.rs"}}"#);
    outside(r#"{"move": {"from": "../../a.rs", "to": "b.rs"}}"#);
    outside(r#"{"move": {"from": "BOTH/a.rs", "to": "b.rs"}}"#);
    outside(r#"{"remove": {"below": "", "path": "../a.rs"}}"#);
    outside(r#"{"remove": {"below": "..", "path": "a.rs"}}"#);
    outside(r#"{"remove": {"below": "BOTH", "path": "a.rs"}}"#);
}

#[test]
fn a_service_that_is_no_folder_below_the_root_is_refused() {
    let root = folder();
    let transaction = Transaction::begin(root.path()).unwrap();
    for below in ["..", "/tmp", "a/../..", "."] {
        let error = transaction.stage(Path::new(below), &[file("a.rs", "new")], &Stale::Keep);
        assert!(matches!(error, Err(Error::Outside { .. })), "{below}");
    }
}
