//! What a program takes before any message flows: its size on disk, its start, what it holds.
//!
//! Sizes are those of `size` and `stat`, memory and threads those of `/proc`; an image's are in
//! `container/size.rs`, beside the engine that tells them.

mod first_answer;
mod held;
mod loaded;
mod program;

pub(crate) use first_answer::FirstAnswer;
pub use held::{Held, major_faults};
pub use loaded::LoadedFiles;
pub use program::{Program, ProgramError};
