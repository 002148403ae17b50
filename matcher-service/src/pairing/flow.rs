//! Serves as many requirements as possible across the eligible pairs, without regard to weights (a maximum flow).

use super::problem::{Problem, Side, index};

/// The eligible pairs beyond the must-meets, seen from one side: `near` is that side, `far` the other.
pub(super) struct Grid<'p> {
    problem: &'p Problem,
    near: Side,
}

impl<'p> Grid<'p> {
    pub(super) fn new(problem: &'p Problem, near: Side) -> Self {
        Self { problem, near }
    }

    pub(super) fn near_count(&self) -> u32 {
        index(self.problem.bounds(self.near).len())
    }

    pub(super) fn far_count(&self) -> u32 {
        index(self.problem.bounds(self.near.other()).len())
    }

    /// Whether the two may be paired and are not a must-meet.
    pub(super) fn is_open(&self, near: u32, far: u32) -> bool {
        let (a, b) = match self.near {
            Side::A => (near, far),
            Side::B => (far, near),
        };
        self.problem.weights().get(a, b) >= 0 && self.problem.must_meets().binary_search(&(a, b)).is_err()
    }
}

/// A largest set of open pairs in which nobody has more than its cap.
pub(super) struct Flow<'g> {
    grid: &'g Grid<'g>,
    near_caps: &'g [u32],
    far_caps: &'g [u32],
    /// The near partners of each far enterprise.
    near_of: Vec<Vec<u32>>,
    /// How many pairs each near enterprise has.
    near_used: Vec<u32>,
}

/// What can be reached by handing pairs on from enterprises that lack some.
pub(super) struct Reach {
    pub(super) near: Vec<u32>,
    pub(super) far: Vec<bool>,
}

impl<'g> Flow<'g> {
    /// Finds one with as many pairs as there can be.
    pub(super) fn largest(grid: &'g Grid<'g>, near_caps: &'g [u32], far_caps: &'g [u32]) -> Self {
        let near_of = vec![Vec::new(); far_caps.len()];
        let mut flow = Self { grid, near_caps, far_caps, near_of, near_used: vec![0; near_caps.len()] };
        flow.take_what_is_free();
        while flow.hand_on() {}
        flow
    }

    /// Number of pairs.
    pub(super) fn pairs(&self) -> u64 {
        self.near_used.iter().map(|&used| u64::from(used)).sum()
    }

    /// The near partners of each far enterprise.
    pub(super) fn near_of(&self) -> &[Vec<u32>] {
        &self.near_of
    }

    /// How many pairs a near enterprise lacks to its cap.
    pub(super) fn lack(&self, near: u32) -> u32 {
        self.near_caps[near as usize] - self.near_used[near as usize]
    }

    /// All enterprises that lack pairs.
    pub(super) fn lacking(&self) -> Vec<u32> {
        (0..self.grid.near_count()).filter(|&near| self.lack(near) > 0).collect()
    }

    /// Follows pairs that could be handed on from `roots`, all of which lack pairs. Nobody that is reached can get any
    /// more: every far enterprise reached is at its cap, and every open pair of a near one reached with a far one that is
    /// not is already made.
    pub(super) fn reach(&self, roots: &[u32]) -> Reach {
        let mut is_reached = vec![false; self.near_caps.len()];
        let mut reach = Reach { near: roots.to_vec(), far: vec![false; self.far_caps.len()] };
        for &root in roots {
            is_reached[root as usize] = true;
        }
        let mut at = 0;
        while at < reach.near.len() {
            let near = reach.near[at];
            at += 1;
            for far in 0..self.grid.far_count() {
                if reach.far[far as usize] || !self.can_add(near, far) {
                    continue;
                }
                reach.far[far as usize] = true;
                for &other in &self.near_of[far as usize] {
                    if !std::mem::replace(&mut is_reached[other as usize], true) {
                        reach.near.push(other);
                    }
                }
            }
        }
        reach.near.sort_unstable();
        reach
    }

    fn has_room(&self, far: u32) -> bool {
        self.near_of[far as usize].len() < self.far_caps[far as usize] as usize
    }

    fn can_add(&self, near: u32, far: u32) -> bool {
        self.grid.is_open(near, far) && !self.near_of[far as usize].contains(&near)
    }

    fn take_what_is_free(&mut self) {
        for near in self.lacking() {
            for far in 0..self.grid.far_count() {
                if self.lack(near) == 0 {
                    break;
                }
                if self.has_room(far) && self.grid.is_open(near, far) {
                    self.near_of[far as usize].push(near);
                    self.near_used[near as usize] += 1;
                }
            }
        }
    }

    /// Grows one tree from each enterprise that lacks a pair and adds a pair along one path in each tree that finds room.
    /// The trees share nothing, so the paths do not disturb each other. False if no tree finds room.
    fn hand_on(&mut self) -> bool {
        let count = self.near_caps.len();
        let mut root_of: Vec<Option<u32>> = vec![None; count];
        let mut entered_by: Vec<Option<u32>> = vec![None; count];
        let mut came_from: Vec<u32> = vec![0; self.far_caps.len()];
        let mut is_done = vec![false; count];
        let mut queue = self.lacking();
        for &root in &queue {
            root_of[root as usize] = Some(root);
        }
        let mut unseen: Vec<u32> = (0..self.grid.far_count()).collect();
        let mut at = 0;
        while at < queue.len() {
            let near = queue[at];
            at += 1;
            let root = root_of[near as usize].expect("only reached enterprises are queued");
            let mut kept = 0;
            for seen in 0..unseen.len() {
                let far = unseen[seen];
                if is_done[root as usize] || !self.can_add(near, far) {
                    unseen[kept] = far;
                    kept += 1;
                    continue;
                }
                came_from[far as usize] = near;
                if self.has_room(far) {
                    self.add_along(far, &came_from, &entered_by);
                    is_done[root as usize] = true;
                    continue;
                }
                for &other in &self.near_of[far as usize] {
                    if root_of[other as usize].is_none() {
                        root_of[other as usize] = Some(root);
                        entered_by[other as usize] = Some(far);
                        queue.push(other);
                    }
                }
            }
            unseen.truncate(kept);
        }
        is_done.contains(&true)
    }

    fn add_along(&mut self, end: u32, came_from: &[u32], entered_by: &[Option<u32>]) {
        let mut far = end;
        loop {
            let near = came_from[far as usize];
            self.near_of[far as usize].push(near);
            let Some(before) = entered_by[near as usize] else {
                self.near_used[near as usize] += 1;
                return;
            };
            self.near_of[before as usize].retain(|&other| other != near);
            far = before;
        }
    }
}
