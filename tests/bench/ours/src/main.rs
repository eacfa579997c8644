//! The program whose build, size and start are measured: sends what its arguments name, and says when each answer is there.
//!
//! `PROGRAM ENDPOINT [associate-kms-key|put-log-events|get-log-events]...`

mod calls;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments.next().ok_or("the first argument is the endpoint")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = calls::connect(&endpoint)?;
        for operation in arguments {
            match operation.as_str() {
                "associate-kms-key" => calls::associate_kms_key(&client).await?,
                "put-log-events" => calls::put_log_events(&client, &["a message".to_owned()]).await?,
                "get-log-events" => drop(calls::get_log_events(&client, 1).await?),
                _ => return Err(format!("no operation `{operation}`").into()),
            }
            println!("{operation}");
        }
        Ok(())
    })
}
