//! Randomness with a seed that is printed, so that a failure can be had again: `SWITCHBOARD_SEED=<the number>`.

/// A small generator (SplitMix64); good enough to choose when to cut.
#[derive(Debug, Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// With the seed from the environment, or a fresh one; printed either way.
    pub fn new(story: &str) -> Self {
        let seed = match std::env::var("SWITCHBOARD_SEED") {
            Ok(text) => text.parse().expect("SWITCHBOARD_SEED is a number"),
            Err(_) => getrandom::u64().expect("the system gives random numbers"),
        };
        println!("{story}: SWITCHBOARD_SEED={seed}");
        Self { state: seed }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A generator of its own for somebody else, so that their turns do not disturb each other.
    pub fn fork(&mut self) -> Self {
        Self { state: self.next() }
    }
}
