//! The page of `awsjson diff --format html` in a browser: what is shown follows the address, and nothing of a model is taken for markup.
//!
//! It needs Chromium, which `tests/run.sh` installs where it can; without one the tests say so and pass. `CHROMIUM` names another program.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use awsjson_codegen::diff::{self, Bump, Class, Finding, ServiceDiff};

/// What would run, and change the title, if a page took it for markup.
const HOSTILE: &str = "</code></li><script>document.title = 'taken over'</script><img src=x onerror=\"document.title = 'taken over'\">";

fn page() -> String {
    let finding = |class, what: &str, old: Option<&str>| Finding {
        class,
        what: what.to_owned(),
        old: old.map(str::to_owned),
        new: Some("Option<String>".to_owned()),
        reason: "a reason",
    };
    let service = |name: &str, findings| ServiceDiff {
        service: name.to_owned(),
        bump: Bump::Minor,
        findings,
    };
    diff::html(
        "1.0 <b>",
        "2.0 & more",
        &[
            service(
                "kms",
                vec![
                    finding(Class::Breaking, "Sign.key_id", Some("String")),
                    finding(Class::Additive, "Sign.dry_run", None),
                ],
            ),
            service(
                "logs",
                vec![
                    finding(Class::Breaking, HOSTILE, Some(HOSTILE)),
                    finding(Class::Additive, "PutLogEvents.entity", None),
                    finding(Class::Documentation, "PutLogEvents: length", Some("<i>1</i>")),
                ],
            ),
            service("quiet", Vec::new()),
        ],
    )
}

fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let installed = || {
        folders
            .iter()
            .flat_map(|folder| names.map(|name| folder.join(name)))
            .find(|path| path.is_file())
    };
    let found = named.or_else(installed);
    if found.is_none() {
        println!(
            "skipped: there is no Chromium to look at the page with; install it, or name it with CHROMIUM"
        );
    }
    found
}

/// Opens the page with `hash` behind its address, and returns what it has become once its script has run.
fn open(browser: &Path, folder: &Path, hash: &str, page: &str) -> String {
    let file = folder.join("page.html");
    fs::write(&file, page).expect("the page can be written");
    let dump = folder.join("dump.html");
    let mut command = Command::new(browser);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
    ]);
    command.args([
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]);
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.args(["--virtual-time-budget=2000", "--dump-dom"]);
    command.arg(format!("file://{}{hash}", file.display()));
    command
        .stdout(File::create(&dump).expect("the file can be made"))
        .stderr(Stdio::null());
    let mut running = command.spawn().expect("the browser starts");
    let deadline = Instant::now() + Duration::from_secs(120);
    while running.try_wait().expect("the browser is ours").is_none() {
        if Instant::now() > deadline {
            let _ = running.kill();
            panic!("the browser does not end");
        }
        thread::sleep(Duration::from_millis(20));
    }
    fs::read_to_string(dump).expect("the browser wrote what it has")
}

/// Lists class and path of the findings that are shown.
fn shown(dom: &str) -> Vec<String> {
    let sections = dom
        .split("<section ")
        .skip(1)
        .filter(|section| !head(section).contains("hidden"));
    let items = sections.flat_map(|section| section.split("<li class=\"").skip(1).collect::<Vec<_>>());
    let visible = items.filter(|item| !head(item).contains("hidden"));
    let described = visible.map(|item| {
        let class = item.split('"').next().unwrap_or_default();
        let what = item
            .split("<code>")
            .nth(1)
            .and_then(|rest| rest.split("</code>").next());
        format!("{class} {}", what.unwrap_or_default())
    });
    described.collect()
}

/// Returns the rest of a tag.
fn head(element: &str) -> &str {
    element.split('>').next().unwrap_or_default()
}

#[test]
fn the_address_says_what_is_shown() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let open = |hash: &str| shown(&open(&browser, folder.path(), hash, &page()));
    assert_eq!(open("").len(), 5);
    assert_eq!(open("#q=putlog%20ENTITY"), ["additive PutLogEvents.entity"]);
    assert_eq!(
        open("#class=additive"),
        ["additive Sign.dry_run", "additive PutLogEvents.entity"]
    );
    assert_eq!(open("#kms"), ["breaking Sign.key_id", "additive Sign.dry_run"]);
    let both = open("#service=logs&class=documentation,additive&q=putlogevents");
    assert_eq!(
        both,
        [
            "additive PutLogEvents.entity",
            "documentation PutLogEvents: length"
        ]
    );
}

#[test]
fn a_view_without_changes_says_so() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let dom = open(&browser, folder.path(), "#q=nothing-like-that", &page());
    assert!(shown(&dom).is_empty());
    assert!(
        dom.contains("<p id=\"nothing\" class=\"empty\">No change matches.</p>"),
        "{dom}"
    );
    assert!(dom.contains(">0 of 5 changes in 0 services<"), "{dom}");
}

#[test]
fn without_scripts_everything_is_shown_and_nothing_that_needs_one() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    // Nothing that the page brings along may run.
    let policy = "<head>
<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\">";
    let page = page().replacen("<head>", policy, 1);
    let dom = open(&browser, folder.path(), "#q=nothing-like-that", &page);
    assert_eq!(shown(&dom).len(), 5);
    assert!(dom.contains("<nav hidden"), "{dom}");
    assert!(dom.contains("<a href=\"#logs\">"), "services are links");
}

#[test]
fn text_of_models_is_text() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let dom = open(&browser, folder.path(), "", &page());
    assert!(dom.contains("<title>Changes of models</title>"), "{dom}");
    assert_eq!(
        dom.matches("<script>").count(),
        1,
        "only the page's own script is there"
    );
    assert!(
        dom.contains("&lt;script&gt;document.title = 'taken over'"),
        "{dom}"
    );
    assert!(
        !dom.contains("<img") && !dom.contains("<i>") && !dom.contains("1.0 <b>"),
        "{dom}"
    );
}
