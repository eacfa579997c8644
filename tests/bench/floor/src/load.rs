//! Measures the client; see `bench-load`.

mod calls;

use bench_load::{BoxError, Operation, Peer};

struct Measured(calls::Client);

impl Peer for Measured {
    fn connect(endpoint: &str) -> Result<Self, BoxError> {
        Ok(Self(calls::connect(endpoint)?))
    }

    async fn call(&self, operation: Operation, messages: &[String]) -> Result<usize, BoxError> {
        match operation {
            Operation::AssociateKmsKey => calls::associate_kms_key(&self.0).await.map(|()| 0),
            Operation::PutLogEvents => calls::put_log_events(&self.0, messages).await.map(|()| 0),
            Operation::GetLogEvents => calls::get_log_events(&self.0, messages.len()).await,
            Operation::GetLogEventsShared => Err("this client shares no memory with responses".into()),
        }
    }
}

fn main() -> Result<(), BoxError> {
    bench_load::run::<Measured>()
}
