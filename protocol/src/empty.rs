//! The output of operations that have none.

use crate::wire::Structure;

/// The output of an operation whose model has none. Whatever the service answers with is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmptyOutput {}

impl EmptyOutput {
    /// Makes the output, which has no members.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Structure for EmptyOutput {
    const NAME: &'static str = "EmptyOutput";
    const MEMBERS: usize = 0;
    const READS_BODY: bool = false;

    fn empty() -> Self {
        Self::default()
    }
}

crate::structures!(EmptyOutput);
