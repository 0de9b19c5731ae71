//! What the programs of this folder have in common.

pub mod load;
pub mod process;
