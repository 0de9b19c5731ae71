//! The npm client against our server, and against the reference's.

use crate::{Failure, Workspace, counts::Counts, npm, program};

/// Whose server is tested.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Against {
    /// Ours.
    Sockeye,
    /// The reference's, which tests the tests.
    Reference,
}

pub(crate) fn run(workspace: &Workspace, against: Against) -> Result<Counts, Failure> {
    let folder = npm::interop(workspace)?;
    let mut command = npm::test_runner(&folder)?;
    command.arg(".");
    if let Against::Sockeye = against {
        program::run(&mut workspace.cargo(["build", "--quiet", "--package", "fixtures"]))?;
        command.env("FIXTURE", workspace.binary("interop-fixture"));
        command.env("ENGINE_FIXTURE", workspace.binary("engine-fixture"));
    }
    program::run_tests(&mut command)
}
