//! The service that all peers are measured against, on loopback: `bench-server CORE|"" [CA_FILE]`.
//!
//! It prints one line for each endpoint that it has, the plain one first, writes its certificate authority to CA_FILE, and ends
//! when its standard input does. It speaks HTTP/1.1, as the real one does.

mod answers;
#[cfg(feature = "tls")]
mod tls;

use std::error::Error;
use std::rc::Rc;

use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

use answers::Answers;

type BoxError = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args().skip(1);
    if let Some(core) = arguments.next().filter(|core| !core.is_empty()) {
        let mut cores = CpuSet::new();
        cores.set(core.parse()?)?;
        sched_setaffinity(Pid::from_raw(0), &cores)?;
    }
    // Whoever started the server holds the other end; without them it must not stay.
    std::thread::spawn(|| {
        let _ended = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let answers = Rc::new(Answers::default());
        let plain = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", plain.local_addr()?);
        #[cfg(feature = "tls")]
        if let Some(file) = arguments.next() {
            let acceptor = tls::acceptor(file.as_ref())?;
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("https://localhost:{}", listener.local_addr()?.port());
            let answers = answers.clone();
            tokio::task::spawn_local(async move {
                loop {
                    let (acceptor, answers, stream) =
                        (acceptor.clone(), answers.clone(), accept(&listener).await);
                    tokio::task::spawn_local(async move {
                        // A client that goes away is none of our business.
                        if let Ok(stream) = acceptor.accept(stream).await {
                            serve(TokioIo::new(stream), answers).await;
                        }
                    });
                }
            });
        }
        loop {
            let stream = accept(&plain).await;
            tokio::task::spawn_local(serve(TokioIo::new(stream), answers.clone()));
        }
    })
}

async fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().await.expect("files for all connections");
    stream.set_nodelay(true).expect("a TCP stream");
    stream
}

async fn serve(stream: impl Read + Write + Unpin, answers: Rc<Answers>) {
    let service = service_fn(move |request| {
        let answers = answers.clone();
        async move { answers.answer(request).await }
    });
    // A client that goes away is none of our business.
    let _ended = http1::Builder::new().serve_connection(stream, service).await;
}
