//! What the tests share: emulators, a server that records, the fake CloudWatch Logs.

pub mod emulator;
pub mod logs_fake;
pub mod python;
pub mod scripted;
pub mod server;
pub mod transport;
