//! A headless Chromium, spoken to by its own `DevTools` protocol.
//!
//! The protocol goes through a pipe (`--remote-debugging-pipe`): messages are JSON and end with a
//! zero byte. So there is no port that others could find taken or speak to, no second program whose
//! version must match the browser's, and the browser ends with the pipe. Colour scheme, print,
//! console, network and downloads are all in the protocol itself.
//! <https://chromedevtools.github.io/devtools-protocol/>

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Names a browser where it is not found by itself.
pub(crate) const VARIABLE: &str = "BUSBENCH_CHROMIUM";

/// No answer takes longer, even on a machine that is busy otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process of its own with a profile of its own; both end with this value.
pub(crate) struct Browser {
    process: Child,
    requests: ChildStdin,
    messages: Receiver<Value>,
    calls: u64,
    events: Vec<Event>,
    profile: TempDir,
}

/// Something that happened in the browser.
pub(crate) struct Event {
    pub(crate) method: String,
    pub(crate) parameters: Value,
}

impl Event {
    /// What a page may not do: complain, ask for another file, bring up a dialog or a frame.
    pub(crate) fn fault(&self) -> Option<String> {
        let said = &self.parameters;
        match self.method.as_str() {
            "Runtime.consoleAPICalled" => Some(format!("console: {}", said["args"])),
            "Runtime.exceptionThrown" => Some(format!("exception: {}", said["exceptionDetails"])),
            "Log.entryAdded" => Some(format!("browser: {}", said["entry"]["text"])),
            "Page.javascriptDialogOpening" => Some(format!("dialog: {}", said["message"])),
            "Network.requestWillBeSent" if !is_the_page(said) => {
                Some(format!("request: {}", said["request"]["url"]))
            }
            "Network.webSocketCreated" | "Page.frameAttached" => {
                Some(format!("{}: {said}", self.method))
            }
            _ => None,
        }
    }
}

/// Whether a program is a snap, or the script that stands for one: it sees neither hidden folders nor
/// the `/tmp` of others, and so not the tests' pages. scripts/setup tells them in the same way.
fn is_snap(program: &Path) -> bool {
    let mut head = Vec::new();
    let opened = File::open(program).and_then(|file| file.take(4096).read_to_end(&mut head));
    let names_snap = String::from_utf8_lossy(&head).contains("/snap/bin/");
    let real = program.canonicalize();
    (opened.is_ok() && names_snap) || real.is_ok_and(|real| real == Path::new("/usr/bin/snap"))
}

fn is_the_page(request: &Value) -> bool {
    request["type"] == "Document" && request["request"]["url"] == request["documentURL"]
}

impl Browser {
    /// The browser of this machine: the one that `BUSBENCH_CHROMIUM` names, or one in `PATH`.
    pub(crate) fn find() -> Option<PathBuf> {
        if Self::is_left_out() {
            return None;
        }
        if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
            return Some(named.into());
        }
        let folders = std::env::var_os("PATH")?;
        let names = [
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
        ];
        let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
        names
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
            .find(|path| path.is_file() && !is_snap(path))
    }

    /// Whether `BUSBENCH_CHROMIUM` says that there is none, on purpose.
    pub(crate) fn is_left_out() -> bool {
        std::env::var_os(VARIABLE).is_some_and(|named| named == "none")
    }

    pub(crate) fn start(program: &Path) -> Result<Self> {
        let profile = tempfile::tempdir().context("making a folder for the browser's profile")?;
        // The browser reads from descriptor 3 and writes to 4, which the standard library cannot
        // give to a child: the shell moves them there.
        let mut process = Command::new("sh")
            .args([
                "-c",
                "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                "browser",
            ])
            .arg(program)
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                // Chromium refuses its sandbox to root, and containers often do not allow it. Pages
                // are this test's own.
                "--no-sandbox",
                "--disable-gpu",
                // In containers /dev/shm is often too small.
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It complains of missing buses and batteries.
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let requests = process.stdin.take().context("no pipe to the browser")?;
        let answers = process.stdout.take().context("no pipe from the browser")?;
        let (sender, messages) = channel();
        std::thread::spawn(move || read(answers, &sender));
        let mut browser = Self {
            process,
            requests,
            messages,
            calls: 0,
            events: Vec::new(),
            profile,
        };
        browser.call(None, "Browser.getVersion", &json!({}))?;
        Ok(browser)
    }

    /// A new tab, by the session in which it is spoken to.
    pub(crate) fn open_tab(&mut self) -> Result<String> {
        let target = self.call(
            None,
            "Target.createTarget",
            &json!({ "url": "about:blank" }),
        )?;
        let attached = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", &attached)?;
        let session = session["sessionId"].as_str();
        Ok(session.context("a tab without a session")?.to_owned())
    }

    /// Asks and waits for the answer.
    pub(crate) fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<Value> {
        let call = self.send(session, method, parameters)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self
                .receive(deadline)
                .with_context(|| format!("waiting for the answer to {method}"))?;
            if message["id"] == call {
                ensure!(message["error"].is_null(), "{method}: {}", message["error"]);
                return Ok(message["result"].clone());
            }
        }
    }

    /// Waits until this has happened, unless it has since the events were last taken.
    pub(crate) fn wait_for(&mut self, method: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.events.iter().any(|event| event.method == method) {
            self.receive(deadline)
                .with_context(|| format!("waiting for {method}"))?;
        }
        Ok(())
    }

    /// What has happened since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn send(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Result<u64> {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.requests
            .write_all(&bytes)
            .with_context(|| format!("asking the browser for {method}"))?;
        self.requests.flush()?;
        Ok(self.calls)
    }

    /// The next message; an event is kept as well.
    fn receive(&mut self, deadline: Instant) -> Result<Value> {
        let left = deadline.saturating_duration_since(Instant::now());
        let message = self
            .messages
            .recv_timeout(left)
            .context("the browser is silent or has ended")?;
        let Some(method) = message["method"].as_str() else {
            return Ok(message);
        };
        match method {
            // An open dialog would hold up everything after it.
            "Page.javascriptDialogOpening" => {
                let session = message["sessionId"].as_str();
                let dismissed = json!({ "accept": false });
                self.send(session, "Page.handleJavaScriptDialog", &dismissed)?;
            }
            "Inspector.targetCrashed" => bail!("the tab has crashed"),
            _ => {}
        }
        self.events.push(Event {
            method: method.to_owned(),
            parameters: message["params"].clone(),
        });
        Ok(message)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked to end, it leaves no process of its own behind; the kill is for one that hangs.
        if self.send(None, "Browser.close", &json!({})).is_ok() {
            let deadline = Instant::now() + Duration::from_secs(5);
            while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        // What still writes to the profile for a moment must not fail a test.
        let _ = std::fs::remove_dir_all(self.profile.path());
    }
}

/// Hands on every message until the browser or the one who listens ends.
fn read(answers: impl Read, sender: &Sender<Value>) {
    let mut answers = BufReader::new(answers);
    let mut bytes = Vec::new();
    while matches!(answers.read_until(0, &mut bytes), Ok(read) if read > 0) {
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        let Ok(message) = serde_json::from_slice(&bytes) else {
            return;
        };
        if sender.send(message).is_err() {
            return;
        }
        bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::is_snap;

    #[test]
    fn a_script_that_stands_for_a_snap_is_told_from_a_browser() {
        let folder = tempfile::tempdir().unwrap();
        let program = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let of_debian = "#!/bin/sh\nexec /usr/lib/chromium/chromium \"$@\"\n";
        let of_ubuntu = "#!/bin/sh\nexec /snap/bin/chromium \"$@\"\n";
        assert!(!is_snap(&program("chromium", of_debian)));
        assert!(is_snap(&program("chromium-browser", of_ubuntu)));
        let link = folder.path().join("link");
        symlink(program("stub", of_ubuntu), &link).unwrap();
        assert!(is_snap(&link));
        assert!(!is_snap(&folder.path().join("nothing")));
    }
}
