//! From lists of values to points.

use std::num::NonZeroU16;

use busbench_brokers::{Limit, Tuning};
use busbench_buses::{BusKind, Qos};
use busbench_envelope::{Depth, Layout, PayloadSpec};

use super::Load;
use crate::scenario::{Block, LoadKind, Matrix, PublishKind, ScenarioFile};

/// The values of one cell before it is checked.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) bus: BusKind,
    pub(super) tuning: Tuning,
    pub(super) limit: Limit,
    pub(super) layout: Layout,
    pub(super) depth: Depth,
    pub(super) payload: PayloadSpec,
    pub(super) qos: Qos,
    pub(super) publish: PublishKind,
    pub(super) publishers: NonZeroU16,
    pub(super) subscribers: NonZeroU16,
    pub(super) load: Load,
}

/// A matrix of its own: the scenario's, or one of its blocks.
pub(super) struct Part {
    pub(super) matrix: Matrix,
    pub(super) loads: Vec<Load>,
}

/// The scenario's blocks; the matrix itself where there are none.
pub(super) fn parts(file: &ScenarioFile) -> Vec<Part> {
    if file.block.is_empty() {
        return vec![part(file, &Block::default())];
    }
    file.block.iter().map(|block| part(file, block)).collect()
}

fn part(file: &ScenarioFile, block: &Block) -> Part {
    let mut matrix = file.matrix.clone();
    let Block {
        bus,
        envelope,
        depth,
        payload,
        limit,
        load,
    } = block.clone();
    matrix.bus = bus.unwrap_or(matrix.bus);
    matrix.envelope = envelope.unwrap_or(matrix.envelope);
    matrix.depth = depth.unwrap_or(matrix.depth);
    matrix.payload = payload.unwrap_or(matrix.payload);
    matrix.limit = limit.unwrap_or(matrix.limit);
    let has = |kind| load.as_ref().is_none_or(|kinds| kinds.contains(&kind));
    let open = file.load.open.iter().filter(|_| has(LoadKind::Open));
    let open = open.flat_map(|open| {
        product(&open.rate, &open.arrivals).map(|(&per_second, &arrivals)| Load::Open {
            per_second,
            arrivals,
        })
    });
    let closed = file.load.closed.iter().filter(|_| has(LoadKind::Closed));
    let closed = closed.flat_map(|closed| &closed.window);
    let closed = closed.map(|&window| Load::Closed { window });
    let loads = open.chain(closed).collect();
    Part { matrix, loads }
}

impl Part {
    /// The product of the lists. Axes that a bus does not have give it one point only.
    pub(super) fn points(&self) -> Vec<Point> {
        let mut points = Vec::new();
        let matrix = &self.matrix;
        for &bus in &matrix.bus {
            let qos: &[Qos] = if bus.capabilities().qos {
                &matrix.qos
            } else {
                &[Qos::AtMostOnce]
            };
            // A floor has no server whose limits could be set.
            let (tuning, limits): (&[Tuning], &[Limit]) = if bus.is_floor() {
                (&[Tuning::Default], &[Limit::NONE])
            } else {
                (&matrix.tuning, &matrix.limit)
            };
            let servers: Vec<(Tuning, Limit)> = product(tuning, limits)
                .map(|(&tuning, &limit)| (tuning, limit))
                .collect();
            for (&layout, &depth) in product(&matrix.envelope, &matrix.depth) {
                for (&payload, &qos) in product(&matrix.payload, qos) {
                    for (&publish, &(publishers, subscribers)) in
                        product(&matrix.publish, &self.clients())
                    {
                        for (&(tuning, limit), &load) in product(&servers, &self.loads) {
                            points.push(Point {
                                bus,
                                tuning,
                                limit,
                                layout,
                                depth,
                                payload,
                                qos,
                                publish,
                                publishers,
                                subscribers,
                                load,
                            });
                        }
                    }
                }
            }
        }
        points
    }

    /// The floors under the matrix: for each depth, payload, number of clients and load, one cell of
    /// each bus that needs no server, with the first layout.
    pub(super) fn floors(&self) -> Vec<Point> {
        let matrix = &self.matrix;
        let (Some(&layout), publish) = (matrix.envelope.first(), matrix.publish.first()) else {
            return Vec::new();
        };
        let publish = *publish.unwrap_or(&PublishKind::Pipelined);
        let mut points = Vec::new();
        for bus in BusKind::FLOORS {
            for (&depth, &payload) in product(&matrix.depth, &matrix.payload) {
                for (&(publishers, subscribers), &load) in product(&self.clients(), &self.loads) {
                    points.push(Point {
                        bus,
                        tuning: Tuning::Default,
                        limit: Limit::NONE,
                        layout,
                        depth,
                        payload,
                        qos: Qos::AtMostOnce,
                        publish,
                        publishers,
                        subscribers,
                        load,
                    });
                }
            }
        }
        points
    }

    fn clients(&self) -> Vec<(NonZeroU16, NonZeroU16)> {
        product(&self.matrix.publishers, &self.matrix.subscribers)
            .map(|(&publishers, &subscribers)| (publishers, subscribers))
            .collect()
    }
}

fn product<'a, A, B>(left: &'a [A], right: &'a [B]) -> impl Iterator<Item = (&'a A, &'a B)> {
    left.iter()
        .flat_map(move |a| right.iter().map(move |b| (a, b)))
}
