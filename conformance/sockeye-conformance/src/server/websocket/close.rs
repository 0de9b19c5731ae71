pub(super) fn cases() -> Vec<crate::Case<crate::Server>> { vec![] }
