//! Real servers by every provider: they start, answer, say what they are, and leave nothing behind,
//! whatever way their run ends.

mod container;
mod container_holes;
mod external;
mod process;
mod process_holes;
mod program;
mod support;
