use super::*;

const WHEEL: &str = "botocore-1.2.3-py3-none-any.whl";
const SDIST: &str = "botocore-1.2.3.tar.gz";

/// A stand-in for pip: it notes its arguments and its requirements in `log`, and then runs `script`, with the
/// destination in `$dest`.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let text = format!(
            r#"
            echo "$@" >> '{log}'
            while [ $# -gt 0 ]; do
                case "$1" in --dest) dest="$2";; --requirement) cat "$2" >> '{log}';; esac
                shift
            done
            {script}
            "#,
            log = log.display()
        );
        fs::write(folder.path().join("pip.sh"), text).unwrap();
        Self { folder }
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn pinned(&self, lock: &Lock, artifact: Artifact) -> Result<PathBuf, Error> {
        pinned_with(&self.pip(), lock, artifact, &self.cache())
    }

    fn pip(&self) -> Pip {
        Pip {
            program: "sh".into(),
            arguments: vec![self.folder.path().join("pip.sh").into()],
        }
    }

    /// What is in the cache.
    fn cached(&self) -> Vec<String> {
        let entries = fs::read_dir(self.cache()).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn lock() -> Lock {
    let mut lock = Lock::default();
    lock.upstream.version = Some("1.2.3".to_owned());
    lock.artifacts.insert(WHEEL.to_owned(), Sha256::of(b"wheel"));
    lock.artifacts.insert(SDIST.to_owned(), Sha256::of(b"source"));
    lock
}

#[test]
fn the_wheel_is_fetched_by_its_hash_and_without_dependencies() {
    let stage = Stage::new(&format!(r#"printf wheel > "$dest/{WHEEL}""#));
    let path = stage.pinned(&lock(), Artifact::Wheel).unwrap();
    assert_eq!(path, stage.cache().join(WHEEL));
    assert_eq!(fs::read(&path).unwrap(), b"wheel");
    assert_eq!(stage.cached(), [WHEEL], "the temporary folder stayed");
    let hash = format!("botocore==1.2.3 --hash=sha256:{}", Sha256::of(b"wheel"));
    for part in [
        "download",
        "--no-deps",
        "--require-hashes",
        "--only-binary botocore",
        &hash,
    ] {
        assert!(stage.log().contains(part), "no {part} in {}", stage.log());
    }
}

#[test]
fn the_source_distribution_is_fetched_as_such() {
    let stage = Stage::new(&format!(r#"printf source > "$dest/{SDIST}""#));
    let path = stage.pinned(&lock(), Artifact::SourceDistribution).unwrap();
    assert_eq!(path, stage.cache().join(SDIST));
    assert!(stage.log().contains("--no-binary botocore"), "{}", stage.log());
}

#[test]
fn a_file_that_is_there_is_not_fetched_again() {
    let stage = Stage::new("exit 1");
    fs::create_dir(stage.cache()).unwrap();
    fs::write(stage.cache().join(WHEEL), "wheel").unwrap();
    stage.pinned(&lock(), Artifact::Wheel).unwrap();
    assert_eq!(stage.log(), "", "pip was called");
}

#[test]
fn a_damaged_file_is_fetched_again() {
    let stage = Stage::new(&format!(r#"printf wheel > "$dest/{WHEEL}""#));
    fs::create_dir(stage.cache()).unwrap();
    fs::write(stage.cache().join(WHEEL), "whe").unwrap();
    let path = stage.pinned(&lock(), Artifact::Wheel).unwrap();
    assert_eq!(fs::read(path).unwrap(), b"wheel");
}

#[test]
fn what_pip_says_when_it_fails_is_shown() {
    let stage = Stage::new("echo 'ERROR: the hashes do not match' >&2; exit 1");
    let error = stage.pinned(&lock(), Artifact::Wheel).unwrap_err().to_string();
    assert!(
        error.contains("botocore==1.2.3") && error.contains("ERROR: the hashes do not match"),
        "{error}"
    );
    assert_eq!(stage.cached(), [""; 0]);
}

#[test]
fn missing_programs_are_named() {
    let stage = Stage::new("echo '/usr/bin/python3: No module named pip' >&2; exit 1");
    let error = stage.pinned(&lock(), Artifact::Wheel).unwrap_err().to_string();
    assert!(
        error.contains("its module pip was not found; install it"),
        "{error}"
    );
    let absent = Pip {
        program: "/nowhere/python3".into(),
        arguments: Vec::new(),
    };
    let error = pinned_with(&absent, &lock(), Artifact::Wheel, &stage.cache()).unwrap_err();
    assert!(
        error.to_string().contains("python3 was not found; install it"),
        "{error}"
    );
}

#[test]
fn a_file_with_another_hash_is_not_kept() {
    let stage = Stage::new(&format!(r#"printf forged > "$dest/{WHEEL}""#));
    let error = stage.pinned(&lock(), Artifact::Wheel).unwrap_err();
    assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    assert_eq!(stage.cached(), [""; 0]);
}

#[test]
fn pip_may_leave_nothing_behind() {
    let stage = Stage::new("exit 0");
    let error = stage.pinned(&lock(), Artifact::Wheel).unwrap_err();
    assert!(matches!(error, Error::NotLeft { .. }), "{error}");
}

#[test]
fn a_lock_without_a_version_or_the_artifact_fetches_nothing() {
    let stage = Stage::new("exit 1");
    let mut unknown = lock();
    unknown.upstream.version = None;
    let error = stage.pinned(&unknown, Artifact::Wheel).unwrap_err();
    assert!(matches!(error, Error::NoVersion { .. }), "{error}");
    let mut unpinned = lock();
    unpinned.artifacts.remove(SDIST);
    let error = stage.pinned(&unpinned, Artifact::SourceDistribution).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("pins no source distribution of botocore"),
        "{error}"
    );
    assert_eq!(stage.log(), "", "pip was called");
}

#[test]
fn names_that_mean_something_to_pip_or_the_file_system_are_refused() {
    let stage = Stage::new("exit 1");
    for version in ["1.2.3 --index-url http://localhost", "1\n-r other", "--pre", ""] {
        let mut lock = lock();
        lock.upstream.version = Some(version.to_owned());
        let error = stage.pinned(&lock, Artifact::Wheel).unwrap_err();
        assert!(matches!(error, Error::Name { .. }), "{version}: {error}");
    }
    let mut lock = lock();
    lock.artifacts = [("../other.whl".to_owned(), Sha256::of(b"wheel"))].into();
    let error = stage.pinned(&lock, Artifact::Wheel).unwrap_err();
    assert!(matches!(error, Error::Name { .. }), "{error}");
    assert_eq!(stage.log(), "", "pip was called");
}

#[test]
fn an_unpinned_file_is_fetched_and_its_digest_returned() {
    let stage = Stage::new(&format!(r#"printf wheel > "$dest/{WHEEL}""#));
    let upstream = lock().upstream;
    let fetched = unpinned_with(&stage.pip(), &upstream, Artifact::Wheel, &stage.cache()).unwrap();
    assert_eq!(
        (fetched.name.as_str(), fetched.digest),
        (WHEEL, Sha256::of(b"wheel"))
    );
    assert_eq!(fetched.path, stage.cache().join(WHEEL));
    assert!(!stage.log().contains("--require-hashes"), "{}", stage.log());
}
