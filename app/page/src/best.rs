//! The best few of many, in order.

/// The best `count` items, the best first; of equals the earlier. Choosing them one by one takes a hundredth of
/// the code that sorting brings along, which a page that is downloaded notices.
pub fn best_of<T>(mut items: Vec<T>, count: usize, better: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut best = Vec::new();
    while best.len() < count {
        let mut found: Option<(usize, &T)> = None;
        for (index, item) in items.iter().enumerate() {
            if found.is_none_or(|(_, leader)| better(item, leader)) {
                found = Some((index, item));
            }
        }
        let Some((index, _)) = found else { break };
        best.push(items.remove(index));
    }
    best
}

#[cfg(test)]
mod tests {
    use super::best_of;

    #[test]
    fn the_best_come_first_and_the_earlier_of_equals() {
        let items = vec![(3, 'a'), (7, 'b'), (7, 'c'), (1, 'd')];
        let best = best_of(items, 3, |a, b| a.0 > b.0);
        assert_eq!(best, [(7, 'b'), (7, 'c'), (3, 'a')]);
        assert!(best_of(Vec::<u8>::new(), 3, |a, b| a > b).is_empty());
    }
}
