use std::error::Error;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

fn main() -> Result<(), Box<dyn Error>> {
    let _telemetry = shop::telemetry::start()?;
    let port = std::env::var("PORT").unwrap_or("8080".to_owned());
    let server = shop::listen(port.parse()?);
    println!("the shop listens on http://{}", server.server_addr());
    Signals::new([SIGINT, SIGTERM])?.wait();
    Ok(())
}
