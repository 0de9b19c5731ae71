//! Which ids there are, and the order in which they stand.

use std::collections::HashSet;

use super::Offence;

/// Every id, in order.
pub(super) fn all() -> impl Iterator<Item = String> {
    GROUPS.iter().flat_map(|(group, last)| (1..=*last).map(move |number| format!("{group}-{number:03}")))
}

/// What is wrong with these ids, each given with its line.
pub(super) fn offences(found: &[(usize, &str)]) -> Vec<Offence> {
    let all: Vec<_> = all().collect();
    let present: HashSet<_> = found.iter().map(|(_, id)| *id).collect();
    let mut seen = HashSet::new();
    let mut offences = Vec::new();
    let mut next = 0;
    for &(line, id) in found {
        let mut offend = |problem| offences.push(Offence { line, problem });
        let Some(place) = all.iter().position(|known| known == id) else {
            offend(format!("`{id}` is no id"));
            continue;
        };
        if !seen.insert(id) {
            offend(format!("{id} stands there twice"));
            continue;
        }
        if place < next {
            offend(format!("{id} stands behind {}", all[next - 1]));
            continue;
        }
        let skipped = all[next..place].iter().filter(|known| !present.contains(known.as_str()));
        skipped.for_each(|missing| offend(format!("{missing} is missing before {id}")));
        next = place + 1;
    }
    let end = found.last().map_or(1, |(line, _)| *line);
    let missing = all[next..].iter().filter(|known| !present.contains(known.as_str()));
    offences.extend(missing.map(|id| Offence { line: end, problem: format!("{id} is missing at the end") }));
    offences
}

/// The groups of ids in their order, each with the number of its last one.
const GROUPS: [(&str, u32); 5] = [("EP", 123), ("EO", 53), ("SP", 51), ("SS", 107), ("CC", 101)];

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong when the ids that `change` leaves stand in lines of their own.
    fn problems(change: impl FnOnce(&mut Vec<String>)) -> Vec<String> {
        let mut ids: Vec<_> = all().collect();
        change(&mut ids);
        let found: Vec<_> = ids.iter().enumerate().map(|(index, id)| (index + 1, id.as_str())).collect();
        offences(&found).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_ids_in_order_are_right() {
        assert_eq!(problems(|_| {}), [""; 0]);
    }

    #[test]
    fn an_id_that_is_missing_is_told_where_it_should_stand() {
        assert_eq!(problems(|ids| drop(ids.remove(1))), ["line 2: EP-002 is missing before EP-003"]);
        assert_eq!(problems(|ids| drop(ids.pop())), ["line 434: CC-101 is missing at the end"]);
    }

    #[test]
    fn an_id_stands_there_once() {
        assert_eq!(problems(|ids| ids.insert(1, "EP-001".into())), ["line 2: EP-001 stands there twice"]);
    }

    #[test]
    fn an_id_out_of_order_is_told_and_nothing_is_called_missing() {
        assert_eq!(problems(|ids| ids.swap(0, 1)), ["line 2: EP-001 stands behind EP-002"]);
    }

    #[test]
    fn an_id_of_no_group_is_told() {
        assert_eq!(problems(|ids| ids.push("SS-108".into())), ["line 436: `SS-108` is no id"]);
    }
}
