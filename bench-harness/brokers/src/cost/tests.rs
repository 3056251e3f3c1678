use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, io};

use super::*;

/// The process and the container of the recordings.
const PROCESS: u32 = 14645;
const CONTAINER: &str = "a6c990b055b97e2655334676672a92f209c879d74a5e85aca3e3a90bc63639d1";

fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn recorded(name: &str) -> CostReader {
    CostReader::of_container_under(recording(name), &[PROCESS], CONTAINER)
}

fn this() -> CostReader {
    CostReader::of_this_program()
}

fn spin(length: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < length {
        std::hint::spin_loop();
    }
}

/// What was used since the processes were started.
fn used_so_far(snapshot: &Snapshot) -> Usage {
    let mut nothing = snapshot.clone();
    for process in nothing.processes.values_mut() {
        (process.cpu_ns, process.disk_bytes) = (0, Some((0, 0)));
    }
    nothing.threads.clear();
    nothing.group_cpu = nothing.group_cpu.map(|(source, _)| (source, 0));
    snapshot.since(&nothing)
}

#[test]
fn both_versions_of_control_groups_are_read_as_recorded() {
    let check = |name: &str, cpu_source, cpu_ns, busiest_thread_cpu_ns, voluntary, involuntary| {
        let reader = recorded(name);
        let expected = Usage {
            cpu_ns,
            busiest_thread_cpu_ns,
            rss_peak_bytes: 13_952 * 1024,
            voluntary_switches: Some(voluntary),
            involuntary_switches: Some(involuntary),
            disk_read_bytes: Some(3_043_328),
            disk_written_bytes: Some(0),
            cpu_source,
            throttling: None,
        };
        assert_eq!(used_so_far(&reader.read().unwrap()), expected, "{name}");
        let level = Level {
            cpu_ns,
            rss_bytes: 3442 * procfs::page_size(),
        };
        assert_eq!(reader.level(), Some(level), "{name}");
    };
    let (first, second) = (CpuSource::CgroupV1, CpuSource::CgroupV2);
    check("cgroup-v1", first, 51_697_128, 32_995_122, 41, 75);
    check("cgroup-v2", second, 51_697_000, 33_170_713, 37, 74);
}

#[test]
fn a_group_that_others_are_in_too_is_not_read() {
    let root = recording("cgroup-v1");
    let reader = CostReader::of_container_under(root, &[PROCESS], "another-container");
    let usage = used_so_far(&reader.read().unwrap());
    assert_eq!(usage.cpu_source, CpuSource::Proc);
    // The threads' sum; clock ticks count three whole ones, 30 ms.
    assert_eq!(usage.cpu_ns, 33_114_270);
}

#[test]
fn the_groups_memory_stands_in_where_the_process_tells_no_peak() {
    for (name, peak_bytes) in [("cgroup-v1", 8_351_744), ("cgroup-v2", 9_437_184)] {
        let scratch = tempfile::tempdir().unwrap();
        copy(&recording(name), scratch.path()).unwrap();
        let status = scratch.path().join(format!("proc/{PROCESS}/status"));
        let text = fs::read_to_string(&status).unwrap();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with("VmHWM"))
            .collect();
        fs::write(&status, lines.join("\n") + "\n").unwrap();
        let root = scratch.path().to_owned();
        let reader = CostReader::of_container_under(root, &[PROCESS], CONTAINER);
        assert_eq!(reader.read().unwrap().rss_peak_bytes, peak_bytes, "{name}");
    }
}

#[test]
fn what_may_not_be_read_is_absent_and_not_zero() {
    let scratch = tempfile::tempdir().unwrap();
    copy(&recording("cgroup-v1"), scratch.path()).unwrap();
    fs::remove_file(scratch.path().join(format!("proc/{PROCESS}/io"))).unwrap();
    let reader = CostReader::of_container_under(scratch.path().to_owned(), &[PROCESS], CONTAINER);
    let usage = used_so_far(&reader.read().unwrap());
    assert_eq!(usage.disk_read_bytes, None);
    assert_eq!(usage.disk_written_bytes, None);
    assert_eq!(usage.voluntary_switches, Some(41));
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (from, to) = (entry?.path(), to);
        let to = to.join(from.file_name().unwrap_or_default());
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

#[test]
fn a_busy_thread_shows_in_the_cost_and_as_the_busiest() {
    let before = this().read().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            spin(Duration::from_millis(200));
            let usage = this().read().unwrap().since(&before);
            // Other tests run beside this one, and the machine may be busy: bounds, not values.
            assert!(usage.busiest_thread_cpu_ns > 20_000_000, "{usage:?}");
            assert!(usage.cpu_ns >= usage.busiest_thread_cpu_ns, "{usage:?}");
            assert_eq!(usage.cpu_source, CpuSource::Proc);
        });
    });
}

#[test]
fn a_thread_that_ended_still_counts() {
    let before = this().read().unwrap();
    std::thread::spawn(|| spin(Duration::from_millis(200)))
        .join()
        .unwrap();
    let usage = this().read().unwrap().since(&before);
    assert!(usage.cpu_ns > 20_000_000, "{usage:?}");
}

#[test]
fn a_thread_that_waits_again_and_again_shows_in_the_switches() {
    let before = this().read().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..50 {
                std::thread::sleep(Duration::from_millis(1));
            }
            let usage = this().read().unwrap().since(&before);
            assert!(usage.voluntary_switches.unwrap() >= 50, "{usage:?}");
        });
    });
}

#[test]
fn bytes_for_a_disk_are_counted() {
    // The build's own folder: the temporary one may be in memory.
    let scratch = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let before = this().read().unwrap();
    let file = scratch.path().join("file");
    fs::write(&file, vec![1_u8; 1 << 20]).unwrap();
    fs::File::open(&file).unwrap().sync_all().unwrap();
    let usage = this().read().unwrap().since(&before);
    assert!(usage.disk_written_bytes.unwrap() >= 1 << 20, "{usage:?}");
}

/// Tests that look at this program's memory peak, or forget it, one at a time.
static PEAK: Mutex<()> = Mutex::new(());

#[test]
fn the_memory_peak_holds_what_was_touched_and_freed() {
    let _alone = PEAK.lock().unwrap_or_else(PoisonError::into_inner);
    let size = 64 << 20;
    let before = this().read().unwrap().rss_peak_bytes;
    std::hint::black_box(vec![1_u8; size]);
    let after = this().read().unwrap();
    let usage = after.since(&after);
    assert!(usage.rss_peak_bytes >= before.max(size as u64), "{usage:?}");
    assert_eq!(usage.cpu_ns, 0);
}

#[test]
fn a_peak_that_is_forgotten_is_counted_from_then_on() {
    let _alone = PEAK.lock().unwrap_or_else(PoisonError::into_inner);
    let size = 64 << 20;
    std::hint::black_box(vec![1_u8; size]);
    let before = this().read().unwrap().rss_peak_bytes;
    // Tests beside this one may have allocated the like meanwhile.
    let forgotten = (0..20).any(|_| {
        assert!(this().forget_peak(), "the kernel lets us");
        std::thread::sleep(Duration::from_millis(5));
        this().read().unwrap().rss_peak_bytes + size as u64 / 2 < before
    });
    assert!(forgotten, "{before} {:?}", this().read());
}

#[test]
fn a_groups_peak_is_set_back_where_the_kernel_keeps_it_for_all_readers() {
    let check = |name: &str, file: &str, expected: bool| {
        let scratch = tempfile::tempdir().unwrap();
        copy(&recording(name), scratch.path()).unwrap();
        let status = scratch.path().join(format!("proc/{PROCESS}/status"));
        let without = fs::read_to_string(&status).unwrap();
        // A line of another name instead: the process tells no peak.
        fs::write(&status, without.replace("VmHWM", "VmNone")).unwrap();
        let file = scratch.path().join("sys/fs/cgroup").join(file);
        let was = fs::read_to_string(&file).unwrap();
        let root = scratch.path().to_owned();
        let reader = CostReader::of_container_under(root, &[PROCESS], CONTAINER);
        assert_eq!(reader.forget_peak(), expected, "{name}");
        let now = fs::read_to_string(&file).unwrap();
        assert_eq!(now, if expected { "0" } else { &was }, "{name}");
    };
    let memory = format!("memory/docker/{CONTAINER}/memory.max_usage_in_bytes");
    check("cgroup-v1", &memory, true);
    let memory = format!("unified/docker/{CONTAINER}/memory.peak");
    check("cgroup-v2", &memory, false);
}

#[test]
fn a_level_rises_with_use_and_costs_little() {
    let before = this().level().unwrap();
    assert!(before.rss_bytes > 0);
    spin(Duration::from_millis(50));
    let readings = 20;
    let begun = Instant::now();
    for _ in 0..readings {
        std::hint::black_box(this().level());
    }
    let each = begun.elapsed() / readings;
    // A hundredth of the shortest time between two readings would be 2.5 ms.
    assert!(each < Duration::from_millis(10), "{each:?}");
    assert!(this().level().unwrap().cpu_ns > before.cpu_ns + 5_000_000);
}

#[test]
fn nothing_is_read_of_no_process_or_one_that_is_gone() {
    let nobody = CostReader::default();
    assert!(!nobody.reads_something());
    assert_eq!((nobody.read(), nobody.level()), (None, None));
    assert!(!nobody.forget_peak());
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let gone = CostReader::of_processes(&[child.id()]);
    assert_eq!((gone.read(), gone.level()), (None, None));
    assert!(!gone.forget_peak());
}

#[test]
fn a_tick_of_rounding_is_no_use_and_what_ended_threads_used_is() {
    let at = |process_ns, thread_ns| Snapshot {
        processes: BTreeMap::from([(
            1,
            ProcessUse {
                cpu_ns: process_ns,
                disk_bytes: None,
            },
        )]),
        threads: BTreeMap::from([(
            1,
            ThreadUse {
                cpu_ns: thread_ns,
                switches: None,
            },
        )]),
        ..recorded("cgroup-v1").read().unwrap()
    };
    let check = |after: Snapshot, expected| {
        let none = |snapshot: Snapshot| Snapshot {
            group_cpu: None,
            ..snapshot
        };
        let usage = none(after).since(&none(at(0, 0)));
        assert_eq!(usage.cpu_ns, expected);
    };
    check(at(10_000_000, 2_000_000), 2_000_000);
    check(at(0, 2_000_000), 2_000_000);
    check(at(40_000_000, 2_000_000), 40_000_000);
}
