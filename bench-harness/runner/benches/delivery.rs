//! What the harness does for one delivery, whole: the stamp read, the clock, 660 bytes compared, the
//! ledger, the histograms and the series. The claim is at most 80 ns on one core, in CPU time.
//!
//! The parts are measured in `busbench-measure` and `busbench-envelope`.

use std::time::Duration;

use busbench_envelope::{Layout, PayloadSpec};
use busbench_runner::bench::Deliveries;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// As many as a bus gives at once.
const BATCH: usize = 256;

/// CPU time of this thread: what others take of its core is not counted.
fn cpu_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // Both are positive, and nanoseconds are below a second.
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
}

fn delivery(criterion: &mut Criterion) {
    #[expect(clippy::unwrap_used, reason = "a constant")]
    let payload: PayloadSpec = "1xInt32".parse().unwrap();
    #[expect(clippy::unwrap_used, reason = "a payload that every layout carries")]
    let mut deliveries = Deliveries::new(&payload, Layout::Json, BATCH).unwrap();
    let name = format!("delivery of {} B", deliveries.message_bytes());
    let mut group = criterion.benchmark_group("receiver");
    group.throughput(Throughput::Elements(1));
    let mut given = 0;
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let batches = iterations.div_ceil(BATCH as u64);
            let mut taken = Duration::ZERO;
            for _ in 0..batches {
                deliveries.prepare();
                let begun = cpu_time();
                deliveries.deliver();
                taken += cpu_time().saturating_sub(begun);
            }
            given += batches * BATCH as u64;
            taken.mul_f64(iterations as f64 / (batches * BATCH as u64) as f64)
        });
    });
    assert_eq!(
        deliveries.delivered(),
        given,
        "every message is new and whole"
    );
    group.finish();
}

criterion_group!(benches, delivery);
criterion_main!(benches);
