//! What encoding and decoding cost on one core: whole messages in every layout, the event alone, the
//! stamp, topics.
//!
//! A message's work is that of the reference figures of `EdgeX`'s Go code (`../go-reference.tsv`):
//!
//! - encode: the envelope is constructed, envelope and payload are written, the header block too
//!   where there is one, the topic becomes a subject on NATS, and all is copied into a buffer that is
//!   used again, as a client does;
//! - decode: what arrives is copied into a new slice, envelope and headers are read, the subject
//!   becomes a topic, and the payload comes to its type: bytes, or an event, decoded and validated;
//! - round trip: one after the other.
//!
//! `scripts/prove codecs` compares the two.

mod attributes;
mod cpu_time;
mod message;
mod parts;

use busbench_envelope::Encoding;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use attributes::Carrier;
use cpu_time::CpuTime;
use message::{Content, FRAME_BYTES, Receiver, Sender, Way};

const PAYLOADS: [(&str, Content); 7] = [
    ("raw-100", Content::Raw { bytes: 100 }),
    ("raw-1000", Content::Raw { bytes: 1000 }),
    ("raw-10000", Content::Raw { bytes: 10_000 }),
    ("raw-20000", Content::Raw { bytes: 20_000 }),
    ("event-1", Content::Event { spec: "1xInt16" }),
    ("event-10", Content::Event { spec: "10xInt16" }),
    ("event-100", Content::Event { spec: "100xInt16" }),
];

#[expect(
    clippy::expect_used,
    reason = "each message is read once before it is measured"
)]
fn messages(criterion: &mut Criterion<CpuTime>) {
    for (way_name, way) in Way::ALL {
        let mut group = criterion.benchmark_group(way_name);
        for (name, content) in PAYLOADS {
            let second_encoding = way == Way::Native(Carrier::Nats, Encoding::Cbor);
            if second_encoding && matches!(content, Content::Raw { .. }) {
                // Bytes have no encoding of their own.
                continue;
            }
            let mut sender = Sender::new(way, &content).expect("a payload");
            let mut receiver = Receiver::new(way, &content);
            let arrived = sender.encode().expect("it is written").to_vec();
            let decoded = receiver.decode(&arrived).expect("it is read");
            assert_eq!(decoded, sender.size(), "{way_name} {name}");

            group.throughput(Throughput::Bytes((arrived.len() - FRAME_BYTES) as u64));
            group.bench_function(format!("encode/{name}"), |bencher| {
                bencher.iter(|| sender.encode().map(<[u8]>::len));
            });
            group.bench_function(format!("decode/{name}"), |bencher| {
                bencher.iter(|| receiver.decode(&arrived));
            });
            group.bench_function(format!("round-trip/{name}"), |bencher| {
                bencher.iter(|| receiver.decode(sender.encode()?));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = messages, parts::events, parts::stamps, parts::topics
}
criterion_main!(benches);
