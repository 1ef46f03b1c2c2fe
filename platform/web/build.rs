//! The front end is embedded from `web/dist`, which npm makes. Without it the server still compiles, so that
//! tests of APIs need no npm; pages are then unstyled.
fn main() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    if !dist.exists() {
        println!(
            "cargo::warning=web/dist is missing: pages will be unstyled. Run `cargo xtask web` to build it."
        );
        if let Err(error) = std::fs::create_dir_all(&dist) {
            println!("cargo::warning=cannot create web/dist: {error}");
        }
    }
    println!("cargo::rerun-if-changed=../../web/dist");
    println!("cargo::rerun-if-changed=templates");
}
