//! The loop that sends requests, and what it measures.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

use crate::arguments::Arguments;
use crate::{BoxError, Peer};

/// What some requests cost.
pub(crate) struct Figures {
    requests: usize,
    seconds: f64,
    cpu_seconds: f64,
    p50_micros: u128,
    p99_micros: u128,
    allocations: u64,
    allocated_bytes: u64,
    peak_rss_kb: u64,
    bytes: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{{\"requests\":{},\"seconds\":{},\"cpu_seconds\":{},\"p50_micros\":{},\"p99_micros\":{},\"allocations\":{},\
             \"allocated_bytes\":{},\"peak_rss_kb\":{},\"bytes\":{}}}",
            self.requests,
            self.seconds,
            self.cpu_seconds,
            self.p50_micros,
            self.p99_micros,
            self.allocations,
            self.allocated_bytes,
            self.peak_rss_kb,
            self.bytes,
        )
    }
}

/// Keeps this process on one core.
pub(crate) fn pin(core: usize) -> Result<(), BoxError> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    sched_setaffinity(Pid::from_raw(0), &cores)?;
    Ok(())
}

/// Sends requests that do not count, then those that do.
pub(crate) fn measure<P: Peer>(
    runtime: &Runtime,
    peer: &Rc<P>,
    messages: &Rc<[String]>,
    arguments: &Arguments,
) -> Result<Figures, BoxError> {
    send(runtime, peer, messages, arguments, arguments.warm_up)?;
    let (cpu, clock) = (cpu_time()?, Instant::now());
    let sent = send(runtime, peer, messages, arguments, arguments.requests);
    let (cpu_seconds, seconds) = ((cpu_time()? - cpu).as_secs_f64(), clock.elapsed().as_secs_f64());
    let (mut latencies, bytes) = sent?;
    latencies.sort_unstable();
    let allocated = allocations(runtime, peer, messages, arguments)?;
    let at = |part: usize| {
        latencies
            .get(latencies.len() * part / 100)
            .map_or(0, Duration::as_micros)
    };
    Ok(Figures {
        requests: arguments.requests,
        seconds,
        cpu_seconds,
        p50_micros: at(50),
        p99_micros: at(99),
        allocations: allocated.0,
        allocated_bytes: allocated.1,
        peak_rss_kb: peak_rss()?,
        bytes,
    })
}

/// Sends `requests`, as many at a time as the command line says. Returns how long each took, and the bytes of all messages.
fn send<P: Peer>(
    runtime: &Runtime,
    peer: &Rc<P>,
    messages: &Rc<[String]>,
    arguments: &Arguments,
    requests: usize,
) -> Result<(Vec<Duration>, usize), BoxError> {
    let left = Rc::new(Cell::new(requests));
    let operation = arguments.operation;
    let work = || {
        let (peer, messages, left) = (peer.clone(), messages.clone(), left.clone());
        async move {
            // All that this program itself allocates while it sends.
            let (mut latencies, mut bytes) = (Vec::with_capacity(requests), 0);
            while let Some(rest) = left.get().checked_sub(1) {
                left.set(rest);
                let start = Instant::now();
                bytes += peer.call(operation, &messages).await?;
                latencies.push(start.elapsed());
            }
            Ok((latencies, bytes))
        }
    };
    if arguments.concurrency == 1 {
        return runtime.block_on(work());
    }
    let tasks = LocalSet::new();
    let workers: Vec<_> = (0..arguments.concurrency)
        .map(|_| tasks.spawn_local(work()))
        .collect();
    tasks.block_on(runtime, async {
        let (mut latencies, mut bytes) = (Vec::new(), 0);
        for worker in workers {
            let (more, read) = worker.await?.map_err(|error: BoxError| error)?;
            latencies.extend(more);
            bytes += read;
        }
        Ok((latencies, bytes))
    })
}

/// Returns how much CPU time this process has used.
fn cpu_time() -> Result<Duration, BoxError> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// Returns how many kilobytes of memory this process has had at most.
///
/// What `getrusage` says is inherited from the process that started this one.
fn peak_rss() -> Result<u64, BoxError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or("the system does not tell")?.parse()?)
}

/// Returns how often a request allocates, and how many bytes.
///
/// Whether an answer arrives in one piece or in several is chance: of all requests the least counts.
#[cfg(feature = "count")]
fn allocations<P: Peer>(
    runtime: &Runtime,
    peer: &Rc<P>,
    messages: &Rc<[String]>,
    arguments: &Arguments,
) -> Result<(u64, u64), BoxError> {
    let mut least = (u64::MAX, u64::MAX);
    for _ in 0..arguments.requests {
        let mut sent = Ok(0);
        let counted = allocation_counter::measure(|| {
            sent = runtime.block_on(peer.call(arguments.operation, messages));
        });
        sent?;
        least = (least.0.min(counted.count_total), least.1.min(counted.bytes_total));
    }
    Ok(least)
}

/// Nothing is counted in programs that measure time.
#[cfg(not(feature = "count"))]
fn allocations<P: Peer>(
    _: &Runtime,
    _: &Rc<P>,
    _: &Rc<[String]>,
    _: &Arguments,
) -> Result<(u64, u64), BoxError> {
    Ok((0, 0))
}
