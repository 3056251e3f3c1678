//! A page as a reader has it before them, and what can be asked of it.

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::devtools::{Browser, Event};

/// How a reader looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// In CSS pixels.
    pub(crate) width: u32,
    pub(crate) is_dark: bool,
    pub(crate) is_printed: bool,
    pub(crate) has_scripts: bool,
}

impl Look {
    pub(crate) const WIDE: Self = Self {
        width: 1100,
        is_dark: false,
        is_printed: false,
        has_scripts: true,
    };
    pub(crate) const NARROW: Self = Self {
        width: 380,
        ..Self::WIDE
    };
    pub(crate) const DARK: Self = Self {
        is_dark: true,
        ..Self::WIDE
    };
    pub(crate) const NARROW_AND_DARK: Self = Self {
        width: 380,
        ..Self::DARK
    };
    /// A4 with its usual margins.
    pub(crate) const PRINTED: Self = Self {
        width: 718,
        is_printed: true,
        ..Self::WIDE
    };
    pub(crate) const WITHOUT_SCRIPTS: Self = Self {
        has_scripts: false,
        ..Self::WIDE
    };
}

impl fmt::Display for Look {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at {} px", self.width)?;
        for (holds, word) in [
            (self.is_dark, ", dark"),
            (self.is_printed, ", printed"),
            (!self.has_scripts, ", without scripts"),
        ] {
            if holds {
                formatter.write_str(word)?;
            }
        }
        Ok(())
    }
}

/// One tab with one page.
pub(crate) struct Tab<'b> {
    browser: &'b mut Browser,
    session: String,
}

impl<'b> Tab<'b> {
    /// Opens the address and waits until it is loaded.
    pub(crate) fn open(browser: &'b mut Browser, address: &str, look: Look) -> Result<Self> {
        browser.take_events();
        let session = browser.open_tab()?;
        let mut tab = Self { browser, session };
        for domain in ["Page", "Runtime", "Log", "Network", "Inspector"] {
            tab.call(&format!("{domain}.enable"), &json!({}))?;
        }
        let size = json!({
            "width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": false,
        });
        tab.call("Emulation.setDeviceMetricsOverride", &size)?;
        let scheme = if look.is_dark { "dark" } else { "light" };
        let media = json!({
            "media": if look.is_printed { "print" } else { "" },
            "features": [{ "name": "prefers-color-scheme", "value": scheme }],
        });
        tab.call("Emulation.setEmulatedMedia", &media)?;
        let scripts = json!({ "value": !look.has_scripts });
        tab.call("Emulation.setScriptExecutionDisabled", &scripts)?;
        let opened = tab.call("Page.navigate", &json!({ "url": address }))?;
        if let Some(error) = opened["errorText"].as_str() {
            bail!("opening {address}: {error}");
        }
        tab.browser.wait_for("Page.loadEventFired")?;
        Ok(tab)
    }

    /// The value of an expression, which may be a promise.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let parameters = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let answer = self.call("Runtime.evaluate", &parameters)?;
        if !answer["exceptionDetails"].is_null() {
            bail!("{expression:.80}: {}", answer["exceptionDetails"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// What a script of the tests finds fault with: a function that gives a list of texts.
    pub(crate) fn faults(&mut self, script: &str) -> Result<Vec<String>> {
        let faults = self.evaluate(&format!("({script})()"))?;
        Ok(serde_json::from_value(faults)?)
    }

    /// Presses a key that has a name, such as `Tab` or `Enter`.
    pub(crate) fn press(&mut self, key: &str) -> Result<()> {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Space" => 32,
            _ => bail!("no code is known for the key {key}"),
        };
        let text = match key {
            "Enter" => "\r",
            "Space" => " ",
            _ => "",
        };
        let name = if key == "Space" { " " } else { key };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": name, "code": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyDown" { text } else { "" },
            });
            self.call("Input.dispatchKeyEvent", &event)?;
        }
        Ok(())
    }

    /// Lets the page save files to a folder.
    pub(crate) fn save_to(&mut self, folder: &Path) -> Result<()> {
        let behaviour = json!({
            "behavior": "allow", "downloadPath": folder, "eventsEnabled": true,
        });
        self.browser
            .call(None, "Browser.setDownloadBehavior", &behaviour)?;
        Ok(())
    }

    /// Waits until a file is saved.
    pub(crate) fn wait_for_download(&mut self) -> Result<()> {
        self.browser.wait_for("Browser.downloadProgress")
    }

    /// What has happened since the page was opened, or since the last call. Answers come in order,
    /// so an empty question makes sure that what happened before it is here.
    pub(crate) fn take_events(&mut self) -> Result<Vec<Event>> {
        self.evaluate("0")?;
        Ok(self.browser.take_events())
    }

    /// Asks for anything else that the protocol has.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Result<Value> {
        self.browser.call(Some(&self.session), method, parameters)
    }
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        // Not `Page.close`, which may ask the page first. Only what was opened is closed.
        let session = json!({ "sessionId": self.session });
        let _ = self
            .browser
            .call(Some(&self.session), "Page.close", &json!({}));
        let _ = self.browser.call(None, "Target.detachFromTarget", &session);
    }
}
