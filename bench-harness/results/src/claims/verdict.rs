//! What can be said of a claim.

/// What can be said of a claim, or of a part of one. In the order in which a claim takes them from
/// its parts, the first that any part has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimVerdict {
    /// Some comparison speaks against it, or too few speak for it.
    NotSupported,
    /// No cell judges it.
    NotTestedYet,
    /// It was tested, and no difference was found either way.
    NoMeasurableDifference,
    /// The comparisons speak for it, and none against.
    Supported,
}

impl ClaimVerdict {
    /// Each once, the best first.
    pub const ALL: [Self; 4] = [
        Self::Supported,
        Self::NotSupported,
        Self::NoMeasurableDifference,
        Self::NotTestedYet,
    ];

    /// The name that `busbench explain` knows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NotSupported => "not-supported",
            Self::NoMeasurableDifference => "no-measurable-difference",
            Self::NotTestedYet => "not-tested-yet",
        }
    }

    /// What follows for a claim from the verdicts on its parts: one that does not hold refutes it,
    /// and it takes all of them to support it.
    pub(super) fn of_parts(parts: impl Iterator<Item = Self>) -> Self {
        parts.min().unwrap_or(Self::NotTestedYet)
    }
}

#[cfg(test)]
mod tests {
    use super::ClaimVerdict::{
        self, NoMeasurableDifference, NotSupported, NotTestedYet, Supported,
    };

    #[track_caller]
    fn check(parts: &[ClaimVerdict], expected: ClaimVerdict) {
        let verdict = ClaimVerdict::of_parts(parts.iter().copied());
        assert_eq!(verdict, expected, "{parts:?}");
    }

    #[test]
    fn a_claim_is_supported_only_when_all_of_its_parts_are() {
        check(&[Supported, Supported], Supported);
        check(&[Supported, NoMeasurableDifference], NoMeasurableDifference);
        check(&[Supported, NotTestedYet], NotTestedYet);
        check(&[NoMeasurableDifference, NotTestedYet], NotTestedYet);
        check(&[NotTestedYet, NotSupported], NotSupported);
        check(&[], NotTestedYet);
    }
}
