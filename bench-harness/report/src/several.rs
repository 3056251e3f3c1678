//! What is said of the runs of a report together: what they are, what their machines can and cannot
//! say, how they differ, and the cells that they share.

mod conditions;
mod differing;
mod machine;
mod names;
mod shared;

pub(crate) use conditions::varying_conditions;
pub(crate) use differing::{Matrix, differing, introduction};
pub(crate) use machine::{Limit, limits};
pub(crate) use names::{cells, heading, listed, machine, machines, numbered, title};
pub(crate) use shared::{Bar, SharedCell, SideBySide};
