//! Random numbers that are the same on every machine and in every run.

/// `SplitMix64`: small, well mixed, and the same on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(family: &str, size: usize) -> Self {
        let seed = family.bytes().fold(20_261_124, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        Self(seed.wrapping_add(size as u64))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.unit(), self.unit());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    pub(crate) fn choice(&mut self, shares: &[f64]) -> usize {
        let mut left = self.unit() * shares.iter().sum::<f64>();
        for (at, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return at;
            }
        }
        shares.len() - 1
    }

    /// The numbers below `count`, shuffled.
    #[allow(dead_code, reason = "one of the two benchmarks needs it")]
    pub(crate) fn order(&mut self, count: usize) -> Vec<i32> {
        let mut numbers: Vec<i32> = (0..count as i32).collect();
        for last in (1..count).rev() {
            numbers.swap(last, (self.bits() % (last as u64 + 1)) as usize);
        }
        numbers
    }
}
