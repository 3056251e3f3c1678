//! Takes pictures of a page as readers see it (`scripts/screenshots`).
//!
//!     screenshots PAGE.html FOLDER

#[expect(dead_code, reason = "the tests of the page use the rest")]
#[path = "../tests/browser/devtools.rs"]
mod devtools;
#[expect(dead_code, reason = "the tests of the page use the rest")]
#[path = "../tests/browser/tab.rs"]
mod tab;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use serde_json::json;

use devtools::{Browser, VARIABLE};
use tab::{Look, Tab};

/// What is higher is hard to look at.
const HEIGHT: u64 = 3_000;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let page = arguments.next().context("name the page")?;
    let folder = arguments.next().context("name the folder to write to")?;
    let page = page
        .canonicalize()
        .with_context(|| format!("looking for {}", page.display()))?;
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let program = Browser::find()
        .with_context(|| format!("no Chromium on this machine, and {VARIABLE} names none"))?;
    let mut browser = Browser::start(&program)?;
    for (name, look) in [
        ("wide-light", Look::WIDE),
        ("wide-dark", Look::DARK),
        ("narrow-light", Look::NARROW),
        ("narrow-dark", Look::NARROW_AND_DARK),
        ("paper", Look::PRINTED),
    ] {
        let address = format!("file://{}", page.display());
        let mut tab = Tab::open(&mut browser, &address, look)?;
        for (number, picture) in (1..).zip(pictures(&mut tab)?) {
            let file = folder.join(format!("{name}-{number:02}.png"));
            fs::write(&file, picture).with_context(|| format!("writing {}", file.display()))?;
            writeln!(std::io::stdout(), "{}", file.display())?;
        }
    }
    Ok(())
}

/// The whole page as PNG files, from top to bottom.
fn pictures(tab: &mut Tab<'_>) -> Result<Vec<Vec<u8>>> {
    let root = "document.documentElement";
    let size = tab.evaluate(&format!("[{root}.clientWidth, {root}.scrollHeight]"))?;
    let width = size[0].as_u64().context("a page without a width")?;
    let whole = size[1].as_u64().context("a page without a height")?;
    let mut pictures = Vec::new();
    let mut top = 0;
    while top < whole {
        let height = HEIGHT.min(whole - top);
        let clip = json!({ "x": 0, "y": top, "width": width, "height": height, "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = tab.call("Page.captureScreenshot", &asked)?;
        let data = answer["data"].as_str().context("a picture without data")?;
        pictures.push(base64_simd::STANDARD.decode_to_vec(data)?);
        top += height;
    }
    Ok(pictures)
}
