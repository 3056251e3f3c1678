//! What it costs to measure one delivery, whole and in parts. The reading of the stamp is measured
//! in `busbench-envelope`.

use std::hint::black_box;

use busbench_measure::{Clock, Histogram, Ledger, Series};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const SECOND_NS: u64 = 1_000_000_000;
const TRIAL_NS: u64 = 60 * SECOND_NS;

/// What a subscriber keeps.
struct Subscriber {
    clock: Clock,
    ledger: Ledger,
    response: Histogram,
    service: Histogram,
    series: Series,
}

impl Subscriber {
    fn new(publishers: u16) -> Self {
        Self {
            clock: Clock::start(),
            ledger: Ledger::new(publishers),
            response: Histogram::new(),
            service: Histogram::new(),
            series: Series::new(0, TRIAL_NS),
        }
    }

    /// What has to be done for a message whose stamp was read. Returns when it arrived.
    fn arrived(&mut self, publisher: u16, sequence: u32, intended_ns: u64, woken_ns: u64) -> u64 {
        let opened_ns = self.clock.now_ns();
        let response_ns = opened_ns.cast_signed() - intended_ns.cast_signed();
        self.ledger.record(publisher, sequence, intended_ns > 0);
        self.response.record(response_ns);
        self.service
            .record(opened_ns.cast_signed() - woken_ns.cast_signed());
        self.series.delivered(opened_ns, response_ns);
        opened_ns
    }
}

/// Response times as they occur: spread over half a millisecond, by a cheap sequence.
fn response_ns(number: u32) -> u64 {
    u64::from(number.wrapping_mul(2_654_435_761) >> 13)
}

fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("delivery");
    for publishers in [1_u16, 100] {
        let mut subscriber = Subscriber::new(publishers);
        let mut number = 0_u32;
        let mut last_ns = subscriber.clock.now_ns();
        let id = BenchmarkId::new("publishers", publishers);
        group.bench_function(id, |bencher| {
            bencher.iter(|| {
                let publishers = u32::from(publishers);
                let (publisher, sequence) = (number % publishers, number / publishers);
                let intended_ns = last_ns.saturating_sub(response_ns(number));
                #[expect(clippy::cast_possible_truncation, reason = "below publishers")]
                let publisher = publisher as u16;
                last_ns = subscriber.arrived(publisher, sequence, intended_ns, intended_ns + 900);
                number = number.wrapping_add(1);
            });
        });
    }
    group.finish();
}

fn parts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("part");
    let clock = Clock::start();
    group.bench_function("clock", |bencher| bencher.iter(|| clock.now_ns()));
    let mut number = 0_u32;
    let mut next = move || {
        number = number.wrapping_add(1);
        number
    };
    let mut ledger = Ledger::new(1);
    group.bench_function("ledger", |bencher| {
        bencher.iter(|| ledger.record(0, next(), black_box(true)));
    });
    let mut histogram = Histogram::new();
    group.bench_function("histogram", |bencher| {
        bencher.iter(|| histogram.record(response_ns(next()).cast_signed()));
    });
    let mut series = Series::new(0, TRIAL_NS);
    group.bench_function("series", |bencher| {
        bencher.iter(|| {
            let number = next();
            series.delivered(u64::from(number), response_ns(number).cast_signed());
        });
    });
    group.finish();
}

criterion_group!(benches, whole, parts);
criterion_main!(benches);
