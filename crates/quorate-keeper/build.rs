//! Generates the message types from proto/*.proto with a compiler written in Rust: no protoc is needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = "../../proto";
    let files = ["keeper.proto", "peer.proto"];
    for file in files {
        println!("cargo::rerun-if-changed={root}/{file}");
    }
    let descriptors = protox::compile(files, [root])?;
    let mut config = prost_build::Config::new();
    config.btree_map(["."]).compile_fds(descriptors)?;
    Ok(())
}
