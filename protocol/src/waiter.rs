//! Waiters: ask until a state is reached.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::call::{Call, Failed};
use crate::client::Client;
use crate::output::Response;
use crate::service::{Exception, Operation, Service};

/// The longest pause between two questions, unless the model's own is longer.
const MAX_DELAY: Duration = Duration::from_secs(120);

/// A state that an operation is asked for until it is reached; generated crates define them as constants.
pub struct Waiter<O> {
    name: &'static str,
    delay: Duration,
    max_attempts: u32,
    acceptors: &'static [Acceptor],
    operation: PhantomData<fn() -> O>,
}

impl<O> Waiter<O> {
    /// Collects the facts of a waiter; generated crates call it in a constant.
    ///
    /// `delay` is the pause between two questions in seconds; with `max_attempts` it says how long to wait in all.
    pub const fn new(
        name: &'static str,
        delay: u32,
        max_attempts: u32,
        acceptors: &'static [Acceptor],
    ) -> Self {
        Self {
            name,
            delay: Duration::from_secs(delay as u64),
            max_attempts,
            acceptors,
            operation: PhantomData,
        }
    }

    /// Returns the name of the state, such as `ServicesStable`.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl<O> Clone for Waiter<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Waiter<O> {}

impl<O> fmt::Debug for Waiter<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("name", &self.name)
            .field("delay", &self.delay)
            .field("max_attempts", &self.max_attempts)
            .field("acceptors", &self.acceptors)
            .finish()
    }
}

/// What an answer means: the first acceptor that matches decides.
#[derive(Clone, Copy, Debug)]
pub struct Acceptor {
    /// Which answers.
    pub matcher: Matcher,
    /// What they mean.
    pub state: AcceptorState,
}

/// What an answer means to a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptorState {
    /// The state has been reached.
    Success,
    /// The state cannot be reached any more.
    Failure,
    /// It is too early to tell.
    Retry,
}

/// Which answers an acceptor is about. Paths are JMESPath expressions over the output in wire form.
#[derive(Clone, Copy, Debug)]
pub enum Matcher {
    /// The call succeeded, or failed, with this HTTP status.
    Status(u16),
    /// The call failed with this code.
    Error(&'static str),
    /// The call failed, or did not.
    AnyError(bool),
    /// The path has this value.
    Path(&'static str, Expected),
    /// The path gives a list with entries, and each is this.
    PathAll(&'static str, Expected),
    /// The path gives a list, and an entry of it is this.
    PathAny(&'static str, Expected),
}

/// The value that an acceptor expects.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// A string.
    String(&'static str),
    /// true or false.
    Boolean(bool),
}

impl Expected {
    fn is(self, value: &jmespath::Variable) -> bool {
        match self {
            Self::String(text) => value.as_string().is_some_and(|value| value == text),
            Self::Boolean(expected) => value.as_boolean() == Some(expected),
        }
    }
}

/// Waiting that has not begun yet; awaiting it begins. See [`Client::wait`].
#[must_use = "nothing is asked until it is awaited"]
pub struct Wait<O: Operation> {
    client: Client<O::Service>,
    waiter: Waiter<O>,
    request: O,
    min_delay: Duration,
    max_delay: Duration,
    deadline: Duration,
}

impl<O: Operation> fmt::Debug for Wait<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("waiter", &self.waiter.name)
            .field("min_delay", &self.min_delay)
            .field("max_delay", &self.max_delay)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl<O: Operation + Clone> Wait<O>
where
    O::Output: Serialize,
{
    pub(crate) fn new(client: &Client<O::Service>, waiter: Waiter<O>, request: O) -> Self {
        Self {
            client: client.clone(),
            min_delay: waiter.delay,
            max_delay: MAX_DELAY.max(waiter.delay),
            deadline: waiter.delay * waiter.max_attempts,
            waiter,
            request,
        }
    }

    /// Sets the shortest pause between two questions; the default is the model's.
    pub fn min_delay(mut self, delay: Duration) -> Self {
        self.min_delay = delay;
        self
    }

    /// Sets the longest pause between two questions; the default is two minutes, or the model's if that is longer.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets how long to wait in all; the default is the model's pause times its number of attempts.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Asks until the state is reached, and returns the last answer: an output, or the error that means success.
    ///
    /// # Errors
    ///
    /// Fails where the state cannot be reached any more, where time runs out, and with any error that the waiter does not
    /// expect.
    pub async fn run(self) -> Result<Answer<O>, WaitError<O>> {
        let start = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let answer = Call::of(&self.client, self.request.clone())
                .send_with_metadata()
                .await;
            let state = self.judge(&answer);
            let last = answer.map(Response::into_output);
            let kind = match (state, &last) {
                (Some(AcceptorState::Success), _) => return Ok(last),
                (Some(AcceptorState::Failure), _) => Some(WaitErrorKind::Failed),
                (None, Err(_)) => Some(WaitErrorKind::Call),
                (Some(AcceptorState::Retry), _) | (None, Ok(_)) => None,
            };
            let (pause, left) = (self.pause(attempt), self.deadline.saturating_sub(start.elapsed()));
            // A last question is asked at the deadline, unless that is too soon after this one.
            let pause = match left < pause {
                true if left < self.min_delay => None,
                true => Some(left),
                false => Some(pause),
            };
            match (kind, pause) {
                (None, Some(pause)) => sleep(pause).await,
                (kind, _) => {
                    return Err(WaitError(Box::new(WaitFacts {
                        waiter: self.waiter.name,
                        kind: kind.unwrap_or(WaitErrorKind::Deadline(self.deadline)),
                        attempts: attempt,
                        last,
                    })));
                }
            }
        }
    }

    /// Returns the pause after an attempt: random between the shortest and one that doubles, up to the longest.
    fn pause(&self, attempt: u32) -> Duration {
        let doubled = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let longest = self.min_delay.saturating_mul(doubled).min(self.max_delay);
        let span = longest.saturating_sub(self.min_delay);
        self.min_delay + span.mul_f64(self.client.chance())
    }

    fn judge(&self, answer: &Result<Response<O::Output>, Failed<O>>) -> Option<AcceptorState> {
        let mut output = None;
        let acceptors = self.waiter.acceptors.iter();
        let mut matching = acceptors.filter(|acceptor| {
            let with_output = |matches: &dyn Fn(&jmespath::Variable) -> bool, path: &str| {
                let output = output.get_or_insert_with(|| document(answer)).as_ref();
                let found = output.and_then(|output| jmespath::compile(path).ok()?.search(output).ok());
                found.is_some_and(|found| matches(&found))
            };
            matches(acceptor.matcher, answer, with_output)
        });
        matching.next().map(|acceptor| acceptor.state)
    }
}

/// Tells whether an acceptor is about an answer; `with_output` evaluates a path over its output.
fn matches<T, E: Exception>(
    matcher: Matcher,
    answer: &Result<Response<T>, crate::Error<E>>,
    with_output: impl FnOnce(&dyn Fn(&jmespath::Variable) -> bool, &str) -> bool,
) -> bool {
    match matcher {
        Matcher::Status(status) => match answer {
            Ok(response) => response.status() == status,
            Err(error) => error.status().is_some_and(|found| found == status),
        },
        Matcher::Error(code) => answer.as_ref().err().is_some_and(|error| {
            let typed = error.exception().map(Exception::code);
            error.code() == Some(code) || typed == Some(code)
        }),
        Matcher::AnyError(failed) => answer.is_err() == failed,
        Matcher::Path(path, expected) => with_output(&|found| expected.is(found), path),
        Matcher::PathAll(path, expected) => with_output(
            &|found| {
                let list = found.as_array();
                list.is_some_and(|list| !list.is_empty() && list.iter().all(|entry| expected.is(entry)))
            },
            path,
        ),
        Matcher::PathAny(path, expected) => with_output(
            &|found| {
                let list = found.as_array();
                list.is_some_and(|list| list.iter().any(|entry| expected.is(entry)))
            },
            path,
        ),
    }
}

/// Returns an output in wire form.
fn document<T: Serialize, E>(answer: &Result<Response<T>, crate::Error<E>>) -> Option<jmespath::Variable> {
    let output = answer.as_ref().ok()?.output();
    jmespath::Variable::from_serializable(output).ok()
}

impl<O: Operation + Clone> IntoFuture for Wait<O>
where
    O::Output: Serialize,
{
    type Output = Result<Answer<O>, WaitError<O>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// What the last question was answered: an output, or an error.
pub type Answer<O> = Result<<O as Operation>::Output, Failed<O>>;

/// Why waiting ended without success. It keeps the last answer.
pub struct WaitError<O: Operation>(Box<WaitFacts<O>>);

struct WaitFacts<O: Operation> {
    waiter: &'static str,
    kind: WaitErrorKind,
    attempts: u32,
    last: Answer<O>,
}

/// What kind of end waiting came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitErrorKind {
    /// The answer says that the state cannot be reached any more.
    Failed,
    /// The state was not reached within this time.
    Deadline(Duration),
    /// A call failed with an error that the waiter does not expect.
    Call,
}

impl<O: Operation> WaitError<O> {
    /// Returns what kind of end it was.
    pub fn kind(&self) -> WaitErrorKind {
        self.0.kind
    }

    /// Returns how often the state was asked for.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the last answer.
    pub fn last(&self) -> &Answer<O> {
        &self.0.last
    }

    /// Turns the error into the last answer.
    pub fn into_last(self) -> Answer<O> {
        self.0.last
    }
}

impl<O: Operation> fmt::Display for WaitError<O>
where
    O::Output: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WaitFacts {
            waiter,
            kind,
            attempts,
            last,
        } = &*self.0;
        match kind {
            WaitErrorKind::Failed => write!(f, "{waiter}: cannot be reached any more")?,
            WaitErrorKind::Deadline(limit) => write!(f, "{waiter}: not reached within {limit:?}")?,
            WaitErrorKind::Call => write!(f, "{waiter}: a call failed")?,
        }
        write!(f, " (after {attempts} attempts)")?;
        match last {
            // The debug form hides what is sensitive.
            Ok(output) => write!(f, "; the last answer was {:.1000}", format!("{output:?}")),
            Err(error) => write!(f, "; the last answer was {error}"),
        }
    }
}

impl<O: Operation> fmt::Debug for WaitError<O>
where
    O::Output: fmt::Debug,
    <O::Service as Service>::Exception: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitError")
            .field("waiter", &self.0.waiter)
            .field("kind", &self.0.kind)
            .field("attempts", &self.0.attempts)
            .field("last", &self.0.last)
            .finish()
    }
}

impl<O: Operation> StdError for WaitError<O>
where
    O::Output: fmt::Debug,
{
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let error = self.0.last.as_ref().err()?;
        Some(error)
    }
}
