//! Which CPUs of the kernel are threads of one core, and who gets which.

use std::fs;
use std::path::Path;

use busbench_results::Isolation;

/// A core: the CPUs of the kernel that share its execution units, as far as they may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Core {
    cpus: Vec<u32>,
}

/// Who gets which CPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) isolation: Isolation,
    /// Why the two sides are not wholly apart.
    pub(super) doubt: Option<String>,
}

impl Core {
    /// The cores of usable CPUs, by their lowest number. A CPU of which the kernel tells nothing is
    /// taken for a core (`cputopology` in the kernel's documentation of `/sys`).
    pub(super) fn read(root: &Path, usable: &[u32]) -> Vec<Self> {
        let mut cores: Vec<Self> = Vec::new();
        for &cpu in usable {
            let path = format!("sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
            let siblings = fs::read_to_string(root.join(path)).unwrap_or_default();
            let siblings = cpu_list(&siblings);
            let known = cores
                .iter_mut()
                .find(|core| core.cpus.iter().any(|other| siblings.contains(other)));
            match known {
                Some(core) => core.cpus.push(cpu),
                None => cores.push(Self { cpus: vec![cpu] }),
            }
        }
        cores
    }
}

/// Shares cores out: the first half goes to the harness, the second to the servers, and an odd one
/// to the harness, so that it is rather the server that a load uses up. The first core is the
/// harness's, because systems like to have their own work done there: what that disturbs shows as
/// wake lag, which is judged, and not in a server's times. Both threads of a core go to one side;
/// where there is one core only its threads are shared out, and that is no isolation to rely on.
/// `None` with a single CPU.
pub(super) fn split(cores: &[Core]) -> Option<Split> {
    if let [core] = cores {
        let (generator, server) = halves(&core.cpus);
        let (first, last) = (core.cpus.first()?, core.cpus.last()?);
        return (!server.is_empty()).then(|| Split {
            isolation: isolation(server.to_vec(), generator.to_vec()),
            doubt: Some(format!("CPUs {first} to {last} are threads of one core")),
        });
    }
    let (generator, server) = halves(cores);
    let cpus = |cores: &[Core]| cores.iter().flat_map(|core| core.cpus.clone()).collect();
    (!server.is_empty()).then(|| Split {
        isolation: isolation(cpus(server), cpus(generator)),
        doubt: None,
    })
}

/// The first half, which is the larger one, and the second.
fn halves<T>(all: &[T]) -> (&[T], &[T]) {
    all.split_at(all.len().div_ceil(2))
}

fn isolation(mut server_cpus: Vec<u32>, mut generator_cpus: Vec<u32>) -> Isolation {
    server_cpus.sort_unstable();
    generator_cpus.sort_unstable();
    Isolation {
        server_cpus,
        generator_cpus,
    }
}

/// A list of the kernel: `0,2-3`.
fn cpu_list(text: &str) -> Vec<u32> {
    text.trim()
        .split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse().ok()?..=last.parse().ok()?)
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cores: &[&[u32]], expected: Option<(&[u32], &[u32], bool)>) {
        let cores: Vec<Core> = cores
            .iter()
            .map(|cpus| Core {
                cpus: cpus.to_vec(),
            })
            .collect();
        let found = split(&cores);
        let found = found.as_ref().map(|split| {
            let Isolation {
                server_cpus,
                generator_cpus,
            } = &split.isolation;
            (
                server_cpus.as_slice(),
                generator_cpus.as_slice(),
                split.doubt.is_none(),
            )
        });
        assert_eq!(found, expected, "{cores:?}");
    }

    #[test]
    fn each_side_gets_half_of_the_cores_and_the_harness_an_odd_one() {
        check(&[&[0], &[1]], Some((&[1], &[0], true)));
        check(&[&[0], &[1], &[2]], Some((&[2], &[0, 1], true)));
        check(&[&[0], &[1], &[2], &[3]], Some((&[2, 3], &[0, 1], true)));
        check(&[&[5], &[7]], Some((&[7], &[5], true)));
    }

    #[test]
    fn threads_of_a_core_stay_together() {
        check(&[&[0, 4], &[1, 5]], Some((&[1, 5], &[0, 4], true)));
        check(
            &[&[0, 1], &[2, 3], &[4, 5]],
            Some((&[4, 5], &[0, 1, 2, 3], true)),
        );
    }

    #[test]
    fn threads_of_a_single_core_are_shared_out_with_a_doubt() {
        check(&[&[0, 1]], Some((&[1], &[0], false)));
        check(&[&[0, 1, 2, 3]], Some((&[2, 3], &[0, 1], false)));
    }

    #[test]
    fn one_cpu_cannot_be_shared_out() {
        check(&[&[0]], None);
        check(&[], None);
    }

    #[test]
    fn the_kernels_lists_of_siblings_make_cores_of_usable_cpus() {
        let root = tempfile::tempdir().unwrap();
        for (cpu, siblings) in [(0, "0,4\n"), (1, "1-2\n"), (2, "1-2\n"), (4, "0,4\n")] {
            let folder = format!("sys/devices/system/cpu/cpu{cpu}/topology");
            let folder = root.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("thread_siblings_list"), siblings).unwrap();
        }
        let check = |usable: &[u32], expected: &[&[u32]]| {
            let cores = Core::read(root.path(), usable);
            let cpus: Vec<&[u32]> = cores.iter().map(|core| core.cpus.as_slice()).collect();
            assert_eq!(cpus, expected, "{usable:?}");
        };
        check(&[0, 1, 2, 4], &[&[0, 4], &[1, 2]]);
        // CPU 4 may not be used, and of 9 nothing is known.
        check(&[0, 1, 9], &[&[0], &[1], &[9]]);
    }

    #[test]
    fn lists_of_the_kernel_are_read() {
        assert_eq!(cpu_list("0,2-4,7\n"), [0, 2, 3, 4, 7]);
        assert_eq!(cpu_list(""), [] as [u32; 0]);
    }
}
