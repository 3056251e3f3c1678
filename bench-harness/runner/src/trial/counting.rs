//! What the server counted over a trial, read around it.

use busbench_brokers::{Baseline, CounterSource, Counters, Pending};

use crate::error::chain;

/// A trial's readings of its server's counters, from before its load. Where there is no server
/// nothing is read.
pub(super) struct Counting(Option<Begun>);

struct Begun {
    source: CounterSource,
    baseline: Result<Baseline, String>,
    pending: Option<Pending>,
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    /// What the server counted; or why it could not be read. `None` where there is no server.
    pub(super) counters: Option<Result<Counters, String>>,
    /// What waited in it at the end of the drain.
    pub(super) pending: Option<Pending>,
    /// The last reading, where the next trial on the same server can begin with it.
    pub(super) last: Option<Baseline>,
}

impl Counting {
    /// Before anybody has connected.
    pub(super) async fn begin(source: Option<&CounterSource>) -> Self {
        let Some(source) = source else {
            return Self(None);
        };
        Self(Some(Begun {
            source: source.clone(),
            baseline: source.begin().await.map_err(|error| chain(&error)),
            pending: None,
        }))
    }

    /// At the end of the drain, while subscribers are connected.
    pub(super) async fn pending(&mut self) {
        if let Some(begun) = self.0.as_mut().filter(|begun| begun.baseline.is_ok()) {
            begun.pending = begun.source.pending().await.ok();
        }
    }

    /// When all clients have gone.
    pub(super) async fn end(self) -> Counted {
        let Some(begun) = self.0 else {
            return Counted::default();
        };
        let read = match &begun.baseline {
            Ok(baseline) => {
                let read = begun.source.end(baseline).await;
                read.map_err(|error| chain(&error))
            }
            Err(why) => Err(why.clone()),
        };
        let (counters, last) = match read {
            Ok((counters, last)) => (Ok(counters), last),
            Err(why) => (Err(why), None),
        };
        Counted {
            counters: Some(counters),
            pending: begun.pending,
            last,
        }
    }
}
