//! The Python environment of the tests: emulators and botocore's signer, pinned, installed on first use.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The pinned packages.
const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// Returns the path of a program in the environment, such as `moto_server`; installs the environment first if need be.
///
/// # Errors
///
/// Fails where Python 3 with `venv` and `pip` is missing, or the packages cannot be had.
pub fn program(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    Ok(environment()?.join("bin").join(name))
}

/// Returns the folder of this crate.
pub fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn environment() -> Result<PathBuf, Box<dyn Error>> {
    let target = tests_folder().join("../target");
    fs::create_dir_all(&target)?;
    let folder = target.join("test-python");
    // Test binaries run side by side; one of them installs, the others wait.
    let lock = File::create(target.join("test-python.lock"))?;
    lock.lock()?;
    let installed = folder.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == REQUIREMENTS) {
        return Ok(folder);
    }
    eprintln!("installing the Python packages of the tests into target/test-python");
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    run(Command::new(folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(tests_folder().join("requirements.txt")))?;
    fs::write(installed, REQUIREMENTS)?;
    Ok(folder)
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let output = command.output().map_err(|error| {
        format!("cannot run {command:?}: {error}; the tests need Python 3 with venv and pip")
    })?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} failed:\n{text}").into());
    }
    Ok(())
}
