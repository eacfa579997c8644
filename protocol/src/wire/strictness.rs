//! How strictly responses are read.

use std::cell::Cell;

/// How responses with a null inside a dense list or map are read.
///
/// A client reads leniently by default, for some services do send such nulls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strictness {
    /// The entry is dropped.
    #[default]
    Lenient,
    /// The response is a decode error.
    Strict,
}

thread_local! {
    // Decoding is synchronous and serde passes no context along, so the mode stands here while it lasts.
    static STRICTNESS: Cell<Strictness> = const { Cell::new(Strictness::Lenient) };
}

/// Runs `decode` with the given strictness.
pub(crate) fn with_strictness<T>(strictness: Strictness, decode: impl FnOnce() -> T) -> T {
    struct Restore(Strictness);
    impl Drop for Restore {
        fn drop(&mut self) {
            STRICTNESS.set(self.0);
        }
    }
    let _restore = Restore(STRICTNESS.replace(strictness));
    decode()
}

pub(super) fn is_strict() -> bool {
    STRICTNESS.get() == Strictness::Strict
}
