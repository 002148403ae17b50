//! The two trees that pairs flow through: from the root by quotas to the enterprises of side a, and on side b back.

use super::open::Open;
use super::problem::{Bounds, Side};

/// A row, a column, a group of a quota, or the root, by number: rows first, then columns, then groups; the root is last.
pub(super) type Node = u32;

/// What leads from the parent of a node to it on side a, or from it to its parent on side b, and carries its pairs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stem {
    pub(super) parent: Node,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) used: u32,
    pub(super) side: Side,
    pub(super) penalties: Penalties,
}

/// The worth of one more pair on a stem, apart from prices: beyond every price.
pub(super) const ENDLESS: i64 = 1 << 60;

/// What it costs a stem to break its bounds by one pair; [`ENDLESS`]: it must not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Penalties {
    pub(super) below: i64,
    pub(super) above: i64,
}

/// All stems, and the root.
#[derive(Debug)]
pub(super) struct Stems {
    pub(super) of: Vec<Stem>,
    pub(super) rows: u32,
    pub(super) columns: u32,
    /// Nodes right below each group and, last, below the root.
    children: Vec<Vec<Node>>,
}

/// A quota beyond must-meets, as part of a tree.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) side: Side,
    pub(super) members: Vec<u32>,
    pub(super) bounds: Bounds,
    /// Position of the smallest group that holds all of this one.
    pub(super) parent: Option<usize>,
}

impl Stems {
    /// `groups` are nested or disjoint, and each stands behind the groups that it is part of.
    pub(super) fn new<'g>(
        open: &Open<'_>,
        groups: impl ExactSizeIterator<Item = &'g Group>,
        penalties: Penalties,
    ) -> Self {
        let (rows, columns) = (open.rows.len() as u32, open.columns.len() as u32);
        let first = rows + columns;
        let group_count = groups.len();
        let root = first + group_count as u32;
        let stem =
            |side, bounds: &Bounds, parent| Stem { parent, min: bounds.min, max: bounds.max, used: 0, side, penalties };
        let mut of: Vec<Stem> = Vec::with_capacity(root as usize);
        of.extend(open.rows.iter().map(|bounds| stem(Side::A, bounds, root)));
        of.extend(open.columns.iter().map(|bounds| stem(Side::B, bounds, root)));
        for (number, group) in (0u32..).zip(groups) {
            let offset = if group.side == Side::A { 0 } else { rows };
            // Inner groups come later and keep their members.
            for member in &group.members {
                of[(offset + member) as usize].parent = first + number;
            }
            let parent = group.parent.map_or(root, |parent| first + parent as u32);
            of.push(stem(group.side, &group.bounds, parent));
        }
        let mut children = vec![Vec::new(); group_count + 1];
        children[group_count].reserve(of.len());
        for (node, stem) in (0u32..).zip(&of) {
            children[(stem.parent - first) as usize].push(node);
        }
        Self { of, rows, columns, children }
    }

    /// The root.
    pub(super) fn root(&self) -> Node {
        self.of.len() as Node
    }

    /// No bound may be broken.
    pub(super) const HARD: Penalties = Penalties { below: ENDLESS, above: ENDLESS };

    /// Has every row and column that could have a pair, and has none for sure, ask for one without needing it.
    pub(super) fn ask_for_one_pair_each(&mut self, is_served: &[bool]) {
        for (stem, is_served) in self.of.iter_mut().zip(is_served) {
            if stem.min == 0 && stem.max > 0 && !is_served {
                stem.min = 1;
                stem.penalties.below = 1;
            }
        }
    }

    /// Whether a maximum may be broken at a price.
    pub(super) fn may_exceed(&self) -> bool {
        self.of.iter().any(|stem| stem.penalties.above != ENDLESS)
    }

    /// The node of a column.
    pub(super) fn column(&self, column: u32) -> Node {
        self.rows + column
    }

    /// What a stem pays for growing from `used` pairs to one more; [`ENDLESS`] if it cannot, and less than 0 if it needs it.
    #[inline(always)]
    pub(super) fn cost_after(&self, stem: &Stem, used: u32) -> i64 {
        if used < stem.min {
            -stem.penalties.below
        } else if used < stem.max {
            0
        } else {
            stem.penalties.above
        }
    }

    /// The nodes right below an inner node.
    pub(super) fn children(&self, node: Node) -> &[Node] {
        &self.children[(node - self.rows - self.columns) as usize]
    }
}

impl Stem {
    /// Whether it asks for a pair without needing it.
    pub(super) fn is_asking(&self) -> bool {
        self.penalties.below == 1
    }
}
