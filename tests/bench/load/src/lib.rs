//! What all load programs share: the command line, the loop that sends requests, and what it measures.
//!
//! Everything runs on one thread, so that CPU, instructions and allocations are those of the peer's work and no scheduler's.

mod arguments;
mod measure;

use std::error::Error;
use std::future::Future;
use std::rc::Rc;

use tokio::runtime::Builder;

use arguments::Arguments;
pub use arguments::Operation;

/// An error of any type.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// 200 bytes, with characters that JSON escapes, as lines of logs have them.
pub const MESSAGE: &str = "2026-01-01T00:00:00Z INFO \"request\"\thandled path=\"/a/b\" status=200 \\ user=\"someone\" agent=\"a browser of \
                           some kind\" duration=12.5ms bytes=12345 trace=0123456789abcdef0123456789abcdef a=b c=0123456789ab";

/// A client that is measured.
pub trait Peer: Sized + 'static {
    /// Makes a client of a service at `endpoint`, in us-east-1, with credentials that are at hand.
    fn connect(endpoint: &str) -> Result<Self, BoxError>;

    /// Sends one request, and reads the answer. `messages` are what PutLogEvents sends, each copied into the request;
    /// GetLogEvents asks for as many.
    ///
    /// Returns the number of bytes in the messages that arrived: all of them are looked at.
    fn call(
        &self,
        operation: Operation,
        messages: &[String],
    ) -> impl Future<Output = Result<usize, BoxError>>;
}

/// Runs a load program: makes a client, sends what the command line says, and prints one line of JSON.
///
/// # Errors
///
/// Fails where a request fails, or the command line is not understood.
pub fn run<P: Peer>() -> Result<(), BoxError> {
    let arguments = Arguments::read()?;
    if let Some(core) = arguments.core {
        measure::pin(core)?;
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let peer = {
        let _context = runtime.enter();
        Rc::new(P::connect(&arguments.endpoint)?)
    };
    let messages: Rc<[String]> = vec![MESSAGE.to_owned(); arguments.events].into();
    let figures = measure::measure(&runtime, &peer, &messages, &arguments)?;
    println!("{figures}");
    Ok(())
}
