//! Emulators of AWS, started on free loopback ports and stopped when dropped.

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::python;

/// How long an emulator may take to listen; seconds on an idle machine, more beside a build.
const START_LIMIT: Duration = Duration::from_secs(120);

/// A running emulator.
#[derive(Debug)]
pub struct Emulator {
    process: Child,
    port: u16,
}

impl Emulator {
    /// Starts `moto_server`.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be installed, or does not listen in time.
    pub fn moto() -> Result<Self, Box<dyn Error>> {
        let port = free_port()?;
        let mut command = Command::new(python::program("moto_server")?);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        Self::start(command, port)
    }

    /// Starts `ministack`.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be installed, or does not listen in time.
    pub fn ministack() -> Result<Self, Box<dyn Error>> {
        let port = free_port()?;
        let mut command = Command::new(python::program("ministack")?);
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string());
        Self::start(command, port)
    }

    /// Returns the endpoint URL.
    pub fn endpoint_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn start(mut command: Command, port: u16) -> Result<Self, Box<dyn Error>> {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start {command:?}: {error}"))?;
        let mut emulator = Self { process, port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = emulator.process.try_wait()? {
                return Err(format!("{command:?} ended with {status}").into());
            }
            if start.elapsed() > START_LIMIT {
                return Err(format!("{command:?} did not listen within {START_LIMIT:?}").into());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(emulator)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It is gone, or it goes now; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
