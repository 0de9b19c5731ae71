//! Words that must not stand in a pure crate's sources.

use std::{fs, path::Path};

use crate::Failure;

/// Where a word stands that must not, in the Rust files of a folder.
pub(super) fn offences(folder: &Path, words: &[String]) -> Result<Vec<String>, Failure> {
    let mut offences = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::at(folder))? {
        let path = entry.map_err(Failure::at(folder))?.path();
        if path.is_dir() {
            offences.extend(self::offences(&path, words)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(Failure::at(&path))?;
            let found = find(&text, words).into_iter();
            offences.extend(found.map(|(line, word)| format!("{}:{line} has {word}", path.display())));
        }
    }
    Ok(offences)
}

/// The lines with such words, outside of comments and of the tests at the end.
fn find<'a>(text: &str, words: &'a [String]) -> Vec<(usize, &'a str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    let code = lines.filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.flat_map(|(index, line)| {
        words
            .iter()
            .filter(move |word| line.contains(word.as_str()))
            .map(move |word| (index + 1, word.as_str()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_code() {
        let words = ["Mutex".to_owned()];
        let text = "//! No Mutex.\nlet a = 1;\n    let lock = Mutex::new(a); // why\n";

        assert_eq!(find(text, &words), [(3, "Mutex")]);
    }

    #[test]
    fn tests_may_do_as_they_like() {
        let words = ["Instant::now".to_owned()];

        assert!(find("#[cfg(test)]\nmod tests { Instant::now() }", &words).is_empty());
    }
}
