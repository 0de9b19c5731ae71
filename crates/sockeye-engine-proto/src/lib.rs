//! Engine.IO sessions as machines without input or output.
