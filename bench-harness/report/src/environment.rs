//! What figures rest on beside the servers: the harness's own floor, and what disturbed.

mod disturbances;
mod floors;
mod hosts;

pub(crate) use disturbances::{disturbances, spread};
pub(crate) use floors::floors;
pub(crate) use hosts::{Fact, host, same_host, same_server, server, server_lines};
