//! Sorting with one routine for all types.
//!
//! The standard library's sorts are compiled anew for every type and every order, some kilobytes each, and a browser
//! downloads them all. Here the places of the items are sorted, by one routine behind a pointer, and the items are then
//! moved to their places. It costs a list of places, so the hot loops of `schedule` sort for themselves.

use std::cmp::Ordering;

/// Sorts by a comparison; what is equal keeps its order.
pub fn by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut places = places(items.len(), &mut |one, other| compare(&items[one], &items[other]));
    for start in 0..items.len() {
        // Round the cycle that begins here: each place takes what belongs to it from where that lies.
        let mut here = start;
        loop {
            let from = std::mem::replace(&mut places[here], here);
            if from == start {
                break;
            }
            items.swap(here, from);
            here = from;
        }
    }
}

/// Sorts by a key; what is equal keeps its order.
pub fn by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts by the items themselves, and leaves each in once.
pub fn once<T: Ord>(items: &mut Vec<T>) {
    by(items, Ord::cmp);
    items.dedup();
}

/// For each place the index of what belongs there.
fn places(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(mut items: Vec<(u8, u32)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            by_key(&mut items, |item| item.0);
            prop_assert_eq!(&items, &expected);

            expected.sort();
            expected.dedup();
            once(&mut items);
            prop_assert_eq!(items, expected);
        }
    }
}
