//! Stamps and messages are the same bytes on every architecture: their hashes are committed, and what
//! another architecture prints is compared line by line (`scripts/prove.d/arm64`).

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fmt::Write as _;

use busbench_envelope::{Composer, Depth, Layout, PayloadSpec, Prepared, Stamp};
use sha2::{Digest, Sha256};

/// Payloads of every kind of value, of one reading and of many.
const PAYLOADS: [&str; 6] = [
    "1xInt32",
    "10xFloat64",
    "3xString",
    "100xObject",
    "1xBinary:1024",
    "raw:1000",
];

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Each field alone, smallest and largest, and in between.
fn stamps() -> Vec<Stamp> {
    let mut stamps = vec![Stamp::default()];
    for step in 0..64_u32 {
        let share = |most: u64| most >> (step % 43);
        stamps.push(Stamp {
            epoch: u8::try_from(share(u8::MAX.into())).unwrap(),
            publisher: u16::try_from(share(Stamp::MAX_PUBLISHERS as u64 - 1)).unwrap(),
            sequence: u32::MAX.rotate_right(step) ^ step,
            intended_ns: share(Stamp::MAX_INTENDED_NS),
            wake_lag_ns: share(Stamp::MAX_WAKE_LAG_NS),
        });
    }
    stamps
}

#[test]
fn stamps_and_messages_are_the_same_bytes_on_every_architecture() {
    let mut texts = Vec::new();
    for stamp in stamps() {
        let mut text = [0; Stamp::TEXT_BYTES];
        stamp.write(&mut text);
        texts.extend(text);
    }
    let mut lines = vec![format!("stamps {}", sha256(&texts))];
    for payload in PAYLOADS {
        let spec: PayloadSpec = payload.parse().unwrap();
        for layout in Layout::ALL {
            let (topic, message) = Prepared::of_spec(&spec, 20_240_531, 3, layout).unwrap();
            let mut composer = Composer::new(&message.at_depth(Depth::Event)).unwrap();
            let mut bytes = topic.into_bytes();
            for stamp in stamps() {
                composer.write(&stamp, &mut bytes);
            }
            lines.push(format!("{payload} {} {}", layout.name(), sha256(&bytes)));
        }
    }
    println!("{}", lines.join("\n"));
    insta::assert_snapshot!(lines.join("\n"));
}
