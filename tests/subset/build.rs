//! Generates three operations of CloudWatch Logs.

fn main() {
    awsjson_codegen::Builder::new()
        .model("../../models/logs")
        .operations(["AssociateKmsKey", "DescribeLogGroups", "PutLogEvents"])
        .generate()
        .unwrap_or_else(|error| panic!("{error}"));
}
