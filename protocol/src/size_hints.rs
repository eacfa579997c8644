//! How large the requests of an operation are: the next one is likely as large as the last.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many sizes are kept. Operations that share one have a hint that may be wrong, which costs memory for the time of a call.
const SLOTS: usize = 64;
/// Requests up to this size are not worth a hint.
const SMALL: usize = 4096;

/// The sizes of the last large requests of a client's operations.
///
/// A buffer that grows by doubling is copied, and what it leaves behind makes the allocator give memory back to the system and fetch it again
/// with every call.
#[derive(Debug)]
pub(crate) struct SizeHints([AtomicUsize; SLOTS]);

impl Default for SizeHints {
    fn default() -> Self {
        Self([const { AtomicUsize::new(0) }; SLOTS])
    }
}

impl SizeHints {
    /// Returns how much room to make for a request of `operation`.
    pub(crate) fn capacity(&self, operation: &str) -> usize {
        match self.slot(operation).load(Ordering::Relaxed) {
            last if last <= SMALL => 256,
            // Room that is not used is not touched, and so costs next to nothing.
            last => last.saturating_add(last / 2),
        }
    }

    /// Notes how large a request of `operation` was.
    pub(crate) fn note(&self, operation: &str, size: usize) {
        let slot = self.slot(operation);
        if slot.load(Ordering::Relaxed) != size {
            slot.store(size, Ordering::Relaxed);
        }
    }

    fn slot(&self, operation: &str) -> &AtomicUsize {
        let sum = |hash: usize, byte: u8| hash.wrapping_mul(31).wrapping_add(usize::from(byte));
        &self.0[operation.bytes().fold(0, sum) % SLOTS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_follows_the_last_size() {
        let hints = SizeHints::default();
        assert_eq!(hints.capacity("PutLogEvents"), 256);
        hints.note("PutLogEvents", 100_000);
        assert_eq!(hints.capacity("PutLogEvents"), 150_000);
        assert_eq!(hints.capacity("AssociateKmsKey"), 256);
        hints.note("PutLogEvents", 100);
        assert_eq!(hints.capacity("PutLogEvents"), 256);
    }
}
