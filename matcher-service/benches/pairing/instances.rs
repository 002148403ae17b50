//! Random instances that are the same on every machine: independent scores, and scores of enterprises that form clusters.

use crate::random::Random;

const INDUSTRIES: usize = 60;
const CODES: usize = 400;
const REGIONS: usize = 24;
const TEXT: usize = 32;
const MODES: usize = 6;
const CODES_MAX: u64 = 8;
const SIZES: [f64; 5] = [0.4, 0.3, 0.15, 0.1, 0.05];
const LANGUAGES: [f64; 8] = [0.9, 0.4, 0.3, 0.2, 0.1, 0.1, 0.05, 0.05];

/// Independent scores.
pub(crate) fn uniform(size: usize) -> Vec<i32> {
    let mut random = Random::new("uniform", size);
    (0..size * size).map(|_| ppm(random.unit())).collect()
}

/// Scores that add up from industries, offers and needs, modes, sizes, languages, regions and texts, on a grid of 100 ppm
/// so that there are many ties.
pub(crate) fn clustered(size: usize) -> Vec<i32> {
    let mut random = Random::new("clustered", size);
    let mut tables = Random::new("tables", 0);
    let centers: Vec<Vec<f64>> = (0..INDUSTRIES).map(|_| (0..TEXT).map(|_| tables.normal()).collect()).collect();
    let trade: Vec<f64> = (0..INDUSTRIES * INDUSTRIES).map(|_| tables.unit().powi(3)).collect();
    let roads: Vec<f64> = (0..REGIONS * REGIONS).map(|_| tables.unit()).collect();
    let mut side = || -> Vec<Enterprise> { (0..size).map(|_| Enterprise::new(&mut random, &centers)).collect() };
    let (rows, columns) = (side(), side());
    let mut scores = Vec::with_capacity(size * size);
    for a in &rows {
        for b in &columns {
            let met = shared(&a.offers, &b.needs) + shared(&a.needs, &b.offers);
            let text: f64 = a.text.iter().zip(&b.text).map(|(one, other)| one * other).sum();
            let modes = f64::from((a.modes & b.modes).count_ones()) / f64::from((a.modes | b.modes).count_ones());
            let score = 0.25 * trade[a.industry * INDUSTRIES + b.industry]
                + 0.25 * (f64::from(met) / 4.0).min(1.0)
                + 0.1 * modes
                + 0.1 * (1.0 - (a.size - b.size).abs() / 4.0)
                + if a.languages & b.languages == 0 { 0.0 } else { 0.1 }
                + 0.05 * roads[a.region * REGIONS + b.region]
                + 0.15 * f64::midpoint(text, 1.0);
            scores.push((score * 1e4).round() as i32 * 100);
        }
    }
    scores
}

/// What each side thinks of the other, independent of each other.
pub(crate) fn random_views(size: usize) -> [Vec<i32>; 2] {
    let mut random = Random::new("random", size);
    [(); 2].map(|()| (0..size * size).map(|_| ppm(random.unit())).collect())
}

/// What each side thinks of the other: four fifths of it is what everybody thinks.
pub(crate) fn correlated_views(size: usize) -> [Vec<i32>; 2] {
    let mut random = Random::new("correlated", size);
    [(); 2].map(|()| {
        let fame: Vec<f64> = (0..size).map(|_| random.unit()).collect();
        (0..size * size).map(|at| ppm(0.8 * fame[at % size] + 0.2 * random.unit())).collect()
    })
}

fn ppm(share: f64) -> i32 {
    (share * 1e6) as i32
}

fn shared(offers: &[usize], needs: &[usize]) -> u32 {
    offers.iter().filter(|code| needs.contains(code)).count() as u32
}

struct Enterprise {
    industry: usize,
    offers: Vec<usize>,
    needs: Vec<usize>,
    modes: u32,
    size: f64,
    languages: u32,
    region: usize,
    text: Vec<f64>,
}

impl Enterprise {
    fn new(random: &mut Random, centers: &[Vec<f64>]) -> Self {
        let industry = random.choice(&zipf(INDUSTRIES, 1.1));
        let popularity = zipf(CODES, 0.9);
        let codes = |random: &mut Random| {
            let count = 1 + (random.bits() % CODES_MAX) as usize;
            let mut codes = Vec::new();
            while codes.len() < count {
                let code = random.choice(&popularity);
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
            codes
        };
        let (offers, needs) = (codes(random), codes(random));
        let mut modes = 1 << (random.bits() % MODES as u64);
        for mode in 0..MODES {
            modes |= u32::from(random.unit() < 0.4) << mode;
        }
        let size = random.choice(&SIZES) as f64;
        let speaks = LANGUAGES.iter().enumerate();
        let languages = speaks.fold(0, |all, (language, share)| all | u32::from(random.unit() < *share) << language);
        let region = random.choice(&zipf(REGIONS, 1.0));
        let mut text: Vec<f64> = centers[industry].iter().map(|center| center + 0.8 * random.normal()).collect();
        let length = text.iter().map(|it| it * it).sum::<f64>().sqrt();
        text.iter_mut().for_each(|it| *it /= length);
        Self { industry, offers, needs, modes, size, languages, region, text }
    }
}

fn zipf(count: usize, exponent: f64) -> Vec<f64> {
    (1..=count).map(|rank| (rank as f64).powf(-exponent)).collect()
}
