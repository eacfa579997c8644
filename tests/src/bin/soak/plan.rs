//! What is to happen with each call: a function of its number, which client and server know both.

use awsjson_logs::protocol::ErrorKind;

/// How many times a call is sent at most.
pub const ATTEMPTS: u32 = 3;

/// What the server does with an attempt that is to fail, or to be late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The connection is reset before the answer.
    Reset,
    /// The connection is closed before the answer.
    Close,
    /// 500 without a body.
    Broken,
    /// 400 with `ThrottlingException`, which the model knows.
    Throttled,
    /// The connection is closed amid the body.
    CutBody,
    /// No HTTP comes.
    Garbage,
    /// A body in chunks that are none.
    BadChunk,
    /// No answer comes.
    Silent,
    /// The answer is late, but right.
    Late,
    /// 200 with HTML.
    NoJson,
    /// An exception that is final.
    NotFound,
}

const FAULTS: [Fault; 11] = [
    Fault::Reset,
    Fault::Close,
    Fault::Broken,
    Fault::Throttled,
    Fault::CutBody,
    Fault::Garbage,
    Fault::BadChunk,
    Fault::Silent,
    Fault::Late,
    Fault::NoJson,
    Fault::NotFound,
];

/// How a call is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    pub attempts: u32,
    /// The kind of the error, and the status that it keeps; `None` for the right answer.
    pub error: Option<(ErrorKind, Option<u16>)>,
}

/// Returns what happens with an attempt, counted from 0, of a call; `None` for the right answer at once.
pub fn fault(call: u64, attempt: u32, percent: u64) -> Option<Fault> {
    let chance = scramble(call * u64::from(ATTEMPTS) + u64::from(attempt));
    let kind = usize::try_from(chance / 1000 % FAULTS.len() as u64).expect("few");
    (chance % 100 < percent).then(|| FAULTS[kind])
}

/// Returns how a call is to end.
pub fn end(call: u64, percent: u64) -> End {
    let mut attempt = 0;
    loop {
        let fault = fault(call, attempt, percent);
        let error = fault.and_then(Fault::error);
        attempt += 1;
        let is_final = matches!(fault, Some(Fault::NoJson | Fault::NotFound));
        if error.is_none() || is_final || attempt == ATTEMPTS {
            return End {
                attempts: attempt,
                error,
            };
        }
    }
}

/// Returns after how many milliseconds the caller loses interest in a call; few do.
pub fn patience(call: u64) -> Option<u64> {
    let chance = scramble(call ^ 0x5555_5555);
    chance.is_multiple_of(100).then_some(chance / 100 % 1000)
}

/// Returns a number that looks like chance.
pub fn scramble(number: u64) -> u64 {
    // The finalizer of SplitMix64.
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Fault {
    /// Returns the error of a call whose last attempt meets the fault.
    fn error(self) -> Option<(ErrorKind, Option<u16>)> {
        Some(match self {
            Self::Late => return None,
            Self::Reset | Self::Close | Self::Garbage => (ErrorKind::Transport, None),
            Self::CutBody | Self::BadChunk => (ErrorKind::Transport, Some(200)),
            Self::Broken => (ErrorKind::Service, Some(500)),
            Self::Silent => (ErrorKind::Timeout, None),
            Self::NoJson => (ErrorKind::Decode, Some(200)),
            Self::Throttled | Self::NotFound => (ErrorKind::Exception, Some(400)),
        })
    }
}
