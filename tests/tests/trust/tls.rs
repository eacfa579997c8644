//! Checks of certificates cannot be turned off.

use std::fs;
use std::path::{Path, PathBuf};

/// What a program needs to turn off, replace or weaken checks of certificates, or to tell keys of connections to others.
const WAYS_OUT: [&str; 12] = [
    "dangerous",
    "ServerCertVerifier",
    "ServerCertVerified",
    "with_custom_certificate_verifier",
    "set_certificate_verifier",
    "HandshakeSignatureValid",
    "DangerousClientConfig",
    "KeyLogFile",
    "key_log",
    "danger_accept",
    "SSLKEYLOGFILE",
    "enable_secret_extraction",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_code_that_ships_can_turn_off_a_check() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["protocol/src", "codegen/src", "generated"] {
        sources(&root.join(folder), &mut files);
    }
    assert!(files.len() > 1000, "{} files", files.len());
    let tls = root.join("protocol/src/transport/tls.rs");
    let text = fs::read_to_string(&tls).expect("it is there");
    assert!(text.contains("with_safe_default_protocol_versions") && text.contains("with_root_certificates"));
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        for way in WAYS_OUT {
            assert!(!text.contains(way), "{}: {way}", file.display());
        }
    }
}
