//! Randomness that can be had again: what a story chose is known from its seed.

/// A generator (SplitMix64) that gives the same numbers for the same seed.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// From a number.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From the environment variable `DOSELINE_TEST_SEED`, to have a failed story again; else one of the clock.
    pub fn of_this_run() -> (Self, u64) {
        let given = std::env::var("DOSELINE_TEST_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        let now = || chrono::Utc::now().timestamp_micros().unsigned_abs();
        let seed = given.unwrap_or_else(now);
        (Self(seed), seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True so many times in a hundred.
    pub const fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// A generator of its own, for a part of the story.
    pub const fn split(&mut self) -> Self {
        Self(self.next())
    }

    /// One of these.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let place = self.below(choices.len() as u64);
        &choices[usize::try_from(place).expect("below a usize")]
    }
}
