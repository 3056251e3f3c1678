#![no_main]
#![allow(missing_docs)]

use busbench_envelope_fuzz::{must_hold, target};

libfuzzer_sys::fuzz_target!(|data: &[u8]| must_hold(target::mqtt5(data)));
