//! What a program takes before any message flows: its size on disk, its start, what it holds.
//!
//! Sizes are those of `size` and `stat`, memory and threads those of `/proc`; an image's are in
//! `container/size.rs`, beside the engine that tells them.

mod first_answer;
mod held;
mod loaded;
mod program;
mod to_end;

pub(crate) use first_answer::FirstAnswer;
pub use held::{Held, major_faults};
pub use loaded::LoadedFiles;
pub use program::{Program, ProgramError};
pub use to_end::{
    ProgramRun, ProgramRunError, Watched, drop_file_from_memory, hold_at_end, run_to_end,
};
