//! Clock, send schedule, histograms, delivery ledger and time series.
//!
//! A trial has one [`Clock`]; all instants are nanoseconds since its zero. [`pace`] walks a
//! [`Schedule`] on a thread of its own and tells a [`Load`] when to send. Each subscriber keeps a
//! [`Ledger`] of what arrived, [`Histogram`]s of how late, and a [`Series`] of how much in which
//! second; they are merged after the trial. [`ClosedWindow`] is the arithmetic of closed load.
//! [`sleep_and_wake`] asks the kernel itself, without a load, how late it wakes.
//!
//! No IO and no async. Only the clocks, [`pace`] and [`sleep_and_wake`] know what time it is;
//! everything else takes its instants as arguments.

mod clock;
mod histogram;
mod ledger;
mod pacer;
mod schedule;
mod series;
mod wake;
mod window;

pub use clock::{Clock, ClockWitness, Drift};
pub use histogram::{Histogram, HistogramError, HistogramMismatch};
pub use ledger::{Arrival, Ledger, PairLedger, Tally};
pub use pacer::{Load, PacerReport, pace};
pub use schedule::{Schedule, ScheduleError, Spacing, Tick};
pub use series::{Series, SeriesMismatch, SeriesTally};
pub use wake::{Wakes, sleep_and_wake};
pub use window::ClosedWindow;
