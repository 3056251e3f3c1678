//! Parts of a message, each alone.

use std::hint::black_box;

use busbench_envelope::{AddEventRequest, Encoding, EventSpec, Stamp, generate, topic};
use criterion::{Criterion, Throughput};

use crate::cpu_time::CpuTime;
use crate::message::{SUBJECT, TOPIC};

/// The event alone, without envelope and copies; decoding includes validation, which is the same
/// work in both encodings.
#[expect(clippy::expect_used, reason = "constants, read once before measuring")]
pub(crate) fn events(criterion: &mut Criterion<CpuTime>) {
    for (group, encoding) in [
        ("event-json", Encoding::Json),
        ("event-cbor", Encoding::Cbor),
    ] {
        let mut group = criterion.benchmark_group(group);
        for readings in [1, 10, 100] {
            let spec: EventSpec = format!("{readings}xInt16").parse().expect("a payload");
            let request = generate(&spec, 1, 0);
            let mut bytes = Vec::new();
            request.encode(encoding, &mut bytes).expect("it is written");
            let read = AddEventRequest::decode(encoding, &bytes).expect("it is read");
            assert_eq!(read, request);

            group.throughput(Throughput::Bytes(bytes.len() as u64));
            let mut buffer = Vec::with_capacity(bytes.len());
            group.bench_function(format!("encode/event-{readings}"), |bencher| {
                bencher.iter(|| {
                    buffer.clear();
                    request.encode(encoding, &mut buffer)
                });
            });
            group.bench_function(format!("decode/event-{readings}"), |bencher| {
                bencher.iter(|| {
                    let request = AddEventRequest::decode(encoding, black_box(&bytes));
                    black_box(request).map(|request| request.validate())
                });
            });
            if encoding == Encoding::Json {
                assert_eq!(read.validate(), Ok(()));
                group.bench_function(format!("validate/event-{readings}"), |bencher| {
                    bencher.iter(|| black_box(&read).validate());
                });
            }
        }
        group.finish();
    }
}

/// The stamp, written and read for every message of every trial.
pub(crate) fn stamps(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("stamp");
    group.throughput(Throughput::Bytes(Stamp::TEXT_BYTES as u64));
    let stamp = Stamp {
        epoch: 3,
        publisher: 7,
        sequence: 123_456,
        intended_ns: 1_234_567_890,
        wake_lag_ns: 6400,
    };
    let mut text = [0; Stamp::TEXT_BYTES];
    stamp.write(&mut text);
    assert_eq!(Stamp::read(&text), Some(stamp));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| black_box(&stamp).write(black_box(&mut text)));
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| Stamp::read(black_box(&text)));
    });
    group.finish();
}

/// A topic, as the buses name it.
pub(crate) fn topics(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("topic");
    group.throughput(Throughput::Bytes(TOPIC.len() as u64));
    group.bench_function("to-nats", |bencher| {
        bencher.iter(|| topic::nats_subject(black_box(TOPIC)));
    });
    group.bench_function("from-nats", |bencher| {
        bencher.iter(|| topic::nats_topic(black_box(SUBJECT)));
    });
    group.bench_function("to-redis", |bencher| {
        bencher.iter(|| topic::redis_channel(black_box(TOPIC)));
    });
    group.bench_function("from-redis", |bencher| {
        bencher.iter(|| topic::redis_topic(black_box(SUBJECT)));
    });
    group.finish();
}
