//! The one thing by which two sides may differ, where somebody asks for it.

use super::conditions::Subject;
use super::refusal::OF_SCENARIO;
use super::runs::DifferingField;

/// What may differ between base and head beside the program. Everything else must be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Across {
    /// Versions of the servers, and with them their programs or images.
    Versions,
    /// Who provides the servers, and with that network path and program.
    Provider,
    /// The servers' silent limits.
    Tuning,
    /// The servers' limits of memory and CPU time.
    Limit,
    /// The envelope's layout, and with it the payload's bytes and a window that is bounded in bytes.
    Layout,
    /// How deep messages go.
    Depth,
    /// The bus; compared where the guarantee is one.
    Bus,
    /// The kernel's release.
    Kernel,
    /// The governor of the CPU's frequency.
    Governor,
    /// Which cores server and harness have for themselves.
    Isolation,
}

impl Across {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Versions,
        Self::Provider,
        Self::Tuning,
        Self::Limit,
        Self::Layout,
        Self::Depth,
        Self::Bus,
        Self::Kernel,
        Self::Governor,
        Self::Isolation,
    ];

    /// The name that the command line and results use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Provider => "provider",
            Self::Tuning => "tuning",
            Self::Limit => "limit",
            Self::Layout => "layout",
            Self::Depth => "depth",
            Self::Bus => "bus",
            Self::Kernel => "kernel",
            Self::Governor => "governor",
            Self::Isolation => "isolation",
        }
    }

    /// The one thing that, once it is named, allows all of these fields to differ. `None` where
    /// there are none, where they are several things, and where one of them must always be equal.
    #[must_use]
    pub fn that_allows(fields: &[DifferingField]) -> Option<Self> {
        let allows = |across: &Self| fields.iter().all(|field| across.allows(field));
        let nameable = Self::ALL.into_iter().find(allows);
        nameable.filter(|_| !fields.is_empty())
    }

    /// The one of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|across| across.name() == name)
    }

    /// What a difference is then laid to.
    pub(super) const fn subject(self) -> Subject {
        match self {
            Self::Versions | Self::Provider | Self::Tuning | Self::Limit | Self::Bus => {
                Subject::Servers
            }
            Self::Layout => Subject::Layouts,
            Self::Depth | Self::Kernel | Self::Governor | Self::Isolation => Subject::Builds,
        }
    }

    /// Key columns of a cell that may then differ.
    pub(super) const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["provider", "network_path"],
            Self::Tuning => &["tuning"],
            Self::Limit => &["limit"],
            Self::Depth => &["depth"],
            // The subject allows layouts and buses what they need.
            Self::Versions
            | Self::Layout
            | Self::Bus
            | Self::Kernel
            | Self::Governor
            | Self::Isolation => &[],
        }
    }

    /// Whether a field may then differ: of the run's record, by its name among
    /// [`fields_that_differ`](super::fields_that_differ), or a key of the scenario.
    pub(super) fn allows(self, field: &DifferingField) -> bool {
        let name = field.name.as_str();
        if let Some(key) = name.strip_prefix(OF_SCENARIO) {
            return self.allows_key(key);
        }
        match self {
            Self::Versions => {
                name.starts_with("version of ")
                    && !["version of busbench", "version of the result files"].contains(&name)
            }
            Self::Provider => {
                matches!(name, "provider" | "network path") || name.starts_with("program of ")
            }
            Self::Kernel => name == "kernel",
            Self::Governor => name == "governor",
            Self::Isolation => name == "cores of their own",
            Self::Tuning | Self::Limit | Self::Layout | Self::Depth | Self::Bus => false,
        }
    }

    fn allows_key(self, key: &str) -> bool {
        let expected = match self {
            Self::Tuning => "tuning",
            Self::Limit => "limit",
            Self::Layout => "envelope",
            Self::Depth => "depth",
            Self::Bus => "bus",
            Self::Isolation => "pin",
            Self::Versions | Self::Provider | Self::Kernel | Self::Governor => return false,
        };
        key.rsplit('.').next() == Some(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::Across;
    use crate::comparison::DifferingField;

    #[track_caller]
    fn check(names: &[&str], expected: Option<Across>) {
        let field = |name: &&str| DifferingField {
            name: (*name).to_owned(),
            values: vec![None, None],
        };
        let fields: Vec<DifferingField> = names.iter().map(field).collect();
        assert_eq!(Across::that_allows(&fields), expected, "{names:?}");
    }

    #[test]
    fn what_one_name_allows_is_found_and_several_things_are_not() {
        check(&["version of nats"], Some(Across::Versions));
        check(
            &["version of nats", "version of redis"],
            Some(Across::Versions),
        );
        check(
            &["provider", "network path", "program of nats"],
            Some(Across::Provider),
        );
        check(&["scenario's tuning"], Some(Across::Tuning));
        check(&["scenario's matrix.limit"], Some(Across::Limit));
        check(&["scenario's matrix.1.depth"], Some(Across::Depth));
        check(
            &["scenario's pin", "cores of their own"],
            Some(Across::Isolation),
        );
        check(&["version of nats", "kernel"], None);
        check(&["cores"], None);
        check(&["version of the result files"], None);
        check(&["scenario's duration"], None);
        check(&[], None);
    }
}
