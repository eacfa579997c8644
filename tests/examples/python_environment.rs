//! Prints the path of the tests' Python, and installs its packages first if need be.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", awsjson_tests::python::program("python")?.display());
    Ok(())
}
