//! Why a trial's numbers are to be doubted, and what is worth knowing of it: a closed list.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Verdict;

/// One entry of the closed list, with what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Which.
    pub kind: ReasonKind,
    /// What was seen: numbers, the server's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The closed list. `busbench explain NAME` says what each means.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonKind {
    /// No server, so no trial.
    ServerNotStarted,
    /// The server ended in the middle of the trial.
    ServerDied,
    /// The server that answered at the end is another than the one that answered at the start.
    ServerRestarted,
    /// A client did not connect, or a publisher broke.
    ClientFailed,
    /// Messages arrived with other bytes than were sent.
    Corrupt,
    /// Not one message of the window arrived.
    NothingDelivered,
    /// The clock that times everything did not go evenly.
    ClockJumped,
    /// The harness itself was late.
    WakeLag,
    /// Too few messages for the percentiles of an open load.
    FewSamples,
    /// Harness and server count differently, and nothing explains it.
    CountsUnexplained,
    /// The server's own counters could not be read.
    CountersUnreadable,
    /// CPU time and memory could not be read.
    CostUnreadable,
    /// A hypervisor gave the machine's CPU time to somebody else.
    CpuSteal,
    /// Harness or server runs under an emulator.
    Emulated,
    /// The throughput drifted over the window.
    Unsteady,
    /// A closed window that held lost messages was opened again.
    WindowReopened,
    /// Server and harness were to have cores of their own, and have not.
    NotPinned,
    /// The kernel killed the server, because it needed more memory than its limit allows.
    ServerOutOfMemory,
    /// The server cut a subscriber off.
    SubscriberCutOff,
    /// The server refused a publish, or did not acknowledge it.
    PublishFailed,
    /// More was waiting at the end of the window than at its start.
    BacklogGrew,
    /// The client crate dropped what the application did not read in time.
    ClientDropped,
    /// The client crate's queue grew, because the application did not read in time.
    ClientBacklog,
    /// The server counted messages that it dropped.
    ServerDropped,
    /// Messages of an earlier trial, or of somebody else, arrived.
    Foreign,
    /// What a message costs on the wire could not be counted.
    WireNotCounted,
    /// A start that was to be cold was not, so it is left out.
    NotCold,
}

/// What a reason does to its trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing: it belongs to the result, and is worth knowing.
    Note,
    /// The numbers are to be taken with care.
    Suspect,
    /// The numbers are shown, and never pooled.
    Invalid,
}

impl ReasonKind {
    /// The whole list, the worst first.
    pub const ALL: [Self; 27] = [
        Self::ServerNotStarted,
        Self::ServerDied,
        Self::ServerRestarted,
        Self::ClientFailed,
        Self::Corrupt,
        Self::NothingDelivered,
        Self::ClockJumped,
        Self::WakeLag,
        Self::FewSamples,
        Self::CountsUnexplained,
        Self::CountersUnreadable,
        Self::CostUnreadable,
        Self::CpuSteal,
        Self::Emulated,
        Self::Unsteady,
        Self::WindowReopened,
        Self::NotPinned,
        Self::ServerOutOfMemory,
        Self::SubscriberCutOff,
        Self::PublishFailed,
        Self::BacklogGrew,
        Self::ClientDropped,
        Self::ClientBacklog,
        Self::ServerDropped,
        Self::Foreign,
        Self::WireNotCounted,
        Self::NotCold,
    ];

    /// What it does to a trial.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::ServerNotStarted
            | Self::ServerDied
            | Self::ServerRestarted
            | Self::ClientFailed
            | Self::Corrupt
            | Self::NothingDelivered
            | Self::ClockJumped => Severity::Invalid,
            Self::WakeLag
            | Self::FewSamples
            | Self::CountsUnexplained
            | Self::CountersUnreadable
            | Self::CostUnreadable
            | Self::CpuSteal
            | Self::Emulated
            | Self::Unsteady
            | Self::WindowReopened
            | Self::NotPinned => Severity::Suspect,
            Self::ServerOutOfMemory
            | Self::SubscriberCutOff
            | Self::PublishFailed
            | Self::BacklogGrew
            | Self::ClientDropped
            | Self::ClientBacklog
            | Self::ServerDropped
            | Self::Foreign
            | Self::WireNotCounted
            | Self::NotCold => Severity::Note,
        }
    }

    /// The name that result files and `busbench explain` use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerNotStarted => "server-not-started",
            Self::ServerDied => "server-died",
            Self::ServerRestarted => "server-restarted",
            Self::ClientFailed => "client-failed",
            Self::Corrupt => "corrupt",
            Self::NothingDelivered => "nothing-delivered",
            Self::ClockJumped => "clock-jumped",
            Self::WakeLag => "wake-lag",
            Self::FewSamples => "few-samples",
            Self::CountsUnexplained => "counts-unexplained",
            Self::CountersUnreadable => "counters-unreadable",
            Self::CostUnreadable => "cost-unreadable",
            Self::CpuSteal => "cpu-steal",
            Self::Emulated => "emulated",
            Self::Unsteady => "unsteady",
            Self::WindowReopened => "window-reopened",
            Self::NotPinned => "not-pinned",
            Self::ServerOutOfMemory => "server-out-of-memory",
            Self::SubscriberCutOff => "subscriber-cut-off",
            Self::PublishFailed => "publish-failed",
            Self::BacklogGrew => "backlog-grew",
            Self::ClientDropped => "client-dropped",
            Self::ClientBacklog => "client-backlog",
            Self::ServerDropped => "server-dropped",
            Self::Foreign => "foreign",
            Self::WireNotCounted => "wire-not-counted",
            Self::NotCold => "not-cold",
        }
    }

    /// The words that tables show.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ServerNotStarted => "server did not start",
            Self::ServerDied => "server died",
            Self::ServerRestarted => "server restarted",
            Self::ClientFailed => "client failed",
            Self::Corrupt => "corrupt messages",
            Self::NothingDelivered => "no message of the window was delivered",
            Self::ClockJumped => "clock jumped",
            Self::WakeLag => "wake lag p99 above 100 us and above 10 % of the response p99",
            Self::FewSamples => "too few samples",
            Self::CountsUnexplained => "unexplained count differences",
            Self::CountersUnreadable => "server counters unreadable",
            Self::CostUnreadable => "CPU time and memory unreadable",
            Self::CpuSteal => "CPU steal above 2 %",
            Self::Emulated => "emulated",
            Self::Unsteady => "throughput not steady",
            Self::WindowReopened => "closed window opened again after a second without an arrival",
            Self::NotPinned => "server and harness not on cores of their own",
            Self::ServerOutOfMemory => "server killed for lack of memory",
            Self::SubscriberCutOff => "subscriber cut off",
            Self::PublishFailed => "publishes failed",
            Self::BacklogGrew => "backlog grew over the window",
            Self::ClientDropped => "client crate dropped what was not read in time",
            Self::ClientBacklog => "client crate's queue grew",
            Self::ServerDropped => "server counted drops",
            Self::Foreign => "foreign messages",
            Self::WireNotCounted => "bytes on the wire not counted",
            Self::NotCold => "no cold start",
        }
    }

    /// The reason without anything that was seen.
    #[must_use]
    pub const fn alone(self) -> Reason {
        Reason {
            kind: self,
            detail: None,
        }
    }

    /// The reason with what was seen.
    #[must_use]
    pub fn with(self, detail: impl Into<String>) -> Reason {
        Reason {
            kind: self,
            detail: Some(detail.into()),
        }
    }
}

impl Severity {
    /// The verdict of a trial whose worst reason is this severe.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Note => Verdict::Valid,
            Self::Suspect => Verdict::Suspect,
            Self::Invalid => Verdict::Invalid,
        }
    }
}

impl Verdict {
    /// The verdict that follows from reasons: that of the worst.
    #[must_use]
    pub fn of(reasons: &[Reason]) -> Self {
        reasons
            .iter()
            .map(|reason| reason.kind.severity())
            .max()
            .map_or(Self::Valid, Severity::verdict)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.words())?;
        match &self.detail {
            Some(detail) => write!(formatter, ": {detail}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ReasonKind, Verdict};

    #[test]
    fn every_reason_is_listed_once_with_its_serialised_name() {
        let mut listed = ReasonKind::ALL.to_vec();
        listed.sort_unstable();
        listed.dedup();
        assert_eq!(listed.len(), ReasonKind::ALL.len());
        for kind in ReasonKind::ALL {
            let serialised = serde_json::to_value(kind).unwrap();
            assert_eq!(serialised, kind.name());
        }
    }

    #[test]
    fn the_worst_reason_decides_the_verdict() {
        let check = |kinds: &[ReasonKind], expected| {
            let reasons: Vec<_> = kinds.iter().map(|kind| kind.alone()).collect();
            assert_eq!(Verdict::of(&reasons), expected, "{kinds:?}");
        };
        check(&[], Verdict::Valid);
        check(&[ReasonKind::Foreign], Verdict::Valid);
        check(
            &[ReasonKind::Foreign, ReasonKind::CpuSteal],
            Verdict::Suspect,
        );
        check(
            &[
                ReasonKind::CpuSteal,
                ReasonKind::Corrupt,
                ReasonKind::Foreign,
            ],
            Verdict::Invalid,
        );
    }

    #[test]
    fn a_reason_reads_as_a_sentence_with_what_was_seen() {
        let reason = ReasonKind::ServerDied.with("out of memory");
        assert_eq!(reason.to_string(), "server died: out of memory");
        assert_eq!(ReasonKind::Corrupt.alone().to_string(), "corrupt messages");
    }
}
