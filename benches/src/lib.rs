//! The servers and programs that measure sockeye.
