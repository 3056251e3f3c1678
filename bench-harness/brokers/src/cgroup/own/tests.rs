use std::fs;

use tempfile::TempDir;

use super::*;

/// A root folder with the hierarchies that a machine of one kind shows.
struct Machine(TempDir);

const NAME: &str = "busbench-server.run.1.2.host.abc";

impl Machine {
    fn new(groups: &str, mounts: &str) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine.file(&format!("proc/{}/cgroup", std::process::id()), groups);
        machine.file("proc/self/mountinfo", mounts);
        machine
    }

    /// Debian, Ubuntu, Raspberry Pi OS: version 2 alone, and a user's service that hands its controllers on.
    fn version_2(own: &str) -> Self {
        let mount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";
        Self::new(&format!("0::{own}\n"), mount)
    }

    fn version_1() -> Self {
        Self::new(
            "4:memory:/job\n2:cpu,cpuacct:/\n0::/\n",
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
             35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
             41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
        )
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap()
    }

    fn find(&self, limit: &str) -> Result<Vec<Blueprint>, LimitRefused> {
        Blueprint::find_under(self.0.path(), NAME, limit.parse().unwrap())
    }

    /// Makes the group at the first place that will do, and leaves it.
    #[track_caller]
    fn make(&self, limit: &str) -> ControlGroup {
        let mut places = self.find(limit).unwrap().into_iter();
        let made = places.find_map(|place| place.make(limit.parse().unwrap()).ok());
        let mut made = made.unwrap();
        // Its folders hold files here, as they do not in the kernel's.
        made.folders.clear();
        made.group.clone()
    }

    #[track_caller]
    fn refuses(&self, limit: &str, expected: &str) {
        let error = self.find(limit).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn version_1_is_written_below_the_own_group_of_each_controller() {
    let machine = Machine::version_1();
    machine.file("sys/fs/cgroup/memory/job/tasks", "");
    machine.file("sys/fs/cgroup/cpu,cpuacct/tasks", "");
    let group = machine.make("memory=256MiB,cpus=0.5");
    let memory = format!("sys/fs/cgroup/memory/job/{NAME}");
    let cpu = format!("sys/fs/cgroup/cpu,cpuacct/{NAME}");
    for (file, value) in [
        (format!("{memory}/memory.limit_in_bytes"), "268435456"),
        (format!("{memory}/memory.memsw.limit_in_bytes"), "268435456"),
        (format!("{cpu}/cpu.cfs_period_us"), "100000"),
        (format!("{cpu}/cpu.cfs_quota_us"), "50000"),
    ] {
        assert_eq!(machine.read(&file), value, "{file}");
    }
    assert_eq!(group.limit().to_string(), "memory=256MiB,cpus=0.5");
    assert_eq!(group.cpu_source().name(), "cgroup-v1");
}

#[test]
fn version_2_is_written_beside_the_own_group_below_the_nearest_that_hands_on() {
    let machine = Machine::version_2("/user.slice/app.slice/run-1.scope");
    machine.file(
        "sys/fs/cgroup/cgroup.controllers",
        "cpuset cpu io memory pids\n",
    );
    let handed_on = |group: &str, controllers| {
        machine.file(
            &format!("sys/fs/cgroup/{group}cgroup.subtree_control"),
            controllers,
        );
    };
    handed_on("", "cpu memory pids\n");
    handed_on("user.slice/", "memory pids\n");
    handed_on("user.slice/app.slice/", "cpu memory pids\n");
    handed_on("user.slice/app.slice/run-1.scope/", "");
    let group = machine.make("memory=64MiB,cpus=0.25");
    let folder = format!("sys/fs/cgroup/user.slice/app.slice/{NAME}");
    for (file, value) in [
        ("memory.max", "67108864"),
        ("memory.swap.max", "0"),
        ("cpu.max", "25000 100000"),
    ] {
        assert_eq!(machine.read(&format!("{folder}/{file}")), value);
    }
    assert_eq!(group.limit().to_string(), "memory=64MiB,cpus=0.25");
    assert_eq!(group.cpu_source().name(), "cgroup-v2");
    // What only memory needs is found nearer than what needs both, and the rest is tried after it.
    handed_on("user.slice/app.slice/", "pids\n");
    let places = machine.find("memory=64MiB").unwrap();
    let folders: Vec<PathBuf> = places.iter().flat_map(Blueprint::folders).collect();
    let below = machine.0.path().join("sys/fs/cgroup");
    assert_eq!(
        folders,
        [below.join("user.slice").join(NAME), below.join(NAME)]
    );
}

#[test]
fn one_bound_alone_writes_nothing_of_the_other() {
    let machine = Machine::version_1();
    machine.file("sys/fs/cgroup/memory/job/tasks", "");
    machine.file("sys/fs/cgroup/cpu,cpuacct/tasks", "");
    let [place] = machine.find("cpus=2").unwrap().try_into().unwrap();
    let names: Vec<_> = place
        .settings
        .iter()
        .map(|setting| (name(&setting.file), setting.value.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("cpu.cfs_period_us", "100000"),
            ("cpu.cfs_quota_us", "200000")
        ]
    );
}

fn name(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap()
}

#[test]
fn what_the_kernel_does_not_hand_out_is_refused_with_what_mends_it() {
    let machine = Machine::version_2("/run-1.scope");
    machine.file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io pids\n");
    machine.refuses("memory=64MiB", "`cgroup_enable=memory cgroup_memory=1`");
    machine.refuses(
        "cpus=0.5",
        "run busbench as root, by `systemd-run --user --scope -p Delegate=yes`",
    );
    machine.file("sys/fs/cgroup/cgroup.controllers", "memory\n");
    machine.refuses("cpus=0.5", "CONFIG_CFS_BANDWIDTH");
    let without = Machine::new("", "");
    without.refuses("memory=64MiB", "no controller `memory`");
}

#[test]
fn a_group_that_cannot_be_made_is_refused_and_leaves_nothing() {
    let machine = Machine::version_1();
    // No folder of the controllers' is there to make one in.
    let [place] = machine.find("memory=64MiB").unwrap().try_into().unwrap();
    let error = place.make("memory=64MiB".parse().unwrap()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("cannot make the control group "), "{text}");
    assert!(text.contains("run busbench as root"), "{text}");
}

#[test]
fn a_tighter_group_above_is_told_from_what_was_asked_for() {
    let machine = Machine::version_2("/box/run-1.scope");
    machine.file("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
    machine.file("sys/fs/cgroup/box/cgroup.subtree_control", "cpu memory\n");
    machine.file("sys/fs/cgroup/box/memory.max", "33554432\n");
    machine.file("sys/fs/cgroup/box/cpu.max", "max 100000\n");
    let [place] = machine
        .find("memory=64MiB,cpus=0.5")
        .unwrap()
        .try_into()
        .unwrap();
    let error = place
        .make("memory=64MiB,cpus=0.5".parse().unwrap())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("to memory=32MiB,cpus=0.5 instead"),
        "{error}"
    );
}

#[test]
fn counters_of_both_versions_are_read() {
    let machine = Machine::version_1();
    machine.file("sys/fs/cgroup/memory/job/tasks", "");
    machine.file("sys/fs/cgroup/cpu,cpuacct/tasks", "");
    let group = machine.make("memory=64MiB,cpus=0.5");
    assert_eq!(group.throttling(), None);
    assert!(!group.ran_out_of_memory());
    machine.file(
        &format!("sys/fs/cgroup/cpu,cpuacct/{NAME}/cpu.stat"),
        "nr_periods 10\nnr_throttled 4\nthrottled_time 5000\nnr_bursts 0\n",
    );
    machine.file(
        &format!("sys/fs/cgroup/memory/job/{NAME}/memory.oom_control"),
        "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
    );
    let throttling = group.throttling().unwrap();
    assert_eq!((throttling.periods, throttling.throttled_periods), (10, 4));
    assert_eq!(throttling.throttled_ns, 5000);
    assert!(group.ran_out_of_memory());

    let machine = Machine::version_2("/run-1.scope");
    machine.file("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
    machine.file("sys/fs/cgroup/cgroup.subtree_control", "cpu memory\n");
    let group = machine.make("memory=64MiB,cpus=0.5");
    machine.file(
        &format!("sys/fs/cgroup/{NAME}/cpu.stat"),
        "usage_usec 7\nnr_periods 10\nnr_throttled 4\nthrottled_usec 5\n",
    );
    let events = "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n";
    machine.file(&format!("sys/fs/cgroup/{NAME}/memory.events"), events);
    assert_eq!(group.throttling().unwrap().throttled_ns, 5000);
    assert_eq!(group.cpu_ns(), Some(7000));
    assert!(group.ran_out_of_memory());
}
