//! What lies between two machines: delay, losses, and a cable that can be cut.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::random::Random;

/// Carries things between two sides in virtual time. What arrives does so in order.
///
/// ```
/// use sockeye_testing::{Clock, Link, Side};
///
/// let now = Clock::new().now();
/// let mut link = Link::new();
///
/// link.send(Side::Left, "hello", now);
/// assert_eq!(link.receive(Side::Right, now), Some("hello"));
///
/// link.cut();
/// link.send(Side::Left, "hello?", now);
/// assert_eq!(link.receive(Side::Right, now), None);
/// ```
#[derive(Clone, Debug)]
pub struct Link<T> {
    /// What is under way to the left and to the right.
    lanes: [Lane<T>; 2],
    latency: Duration,
    loss: Option<Loss>,
    is_cut: bool,
}

/// One of the two sides of a [`Link`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// By custom the client.
    Left,
    /// By custom the server.
    Right,
}

impl Side {
    /// The one across.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// What is under way to one side.
#[derive(Clone, Debug)]
struct Lane<T> {
    under_way: VecDeque<(Instant, T)>,
    to_lose: usize,
}

#[derive(Clone, Copy, Debug)]
struct Loss {
    percent: u8,
    chance: Random,
}

impl<T> Link<T> {
    /// A link without delay or loss.
    pub fn new() -> Self {
        Self { lanes: [Lane::new(), Lane::new()], latency: Duration::ZERO, loss: None, is_cut: false }
    }

    /// Everything takes so long to get across, in either direction.
    #[must_use]
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Of a hundred things so many are lost by chance; the same seed loses the same ones.
    #[must_use]
    pub fn with_loss(mut self, percent: u8, seed: u64) -> Self {
        self.loss = Some(Loss { percent, chance: Random::new(seed) });
        self
    }

    /// What is sent from now on takes so long, but does not overtake what is under way.
    pub fn set_latency(&mut self, latency: Duration) {
        self.latency = latency;
    }

    /// Loses the next so many things that this side sends.
    pub fn lose_next(&mut self, from: Side, count: usize) {
        self.lane(from.opposite()).to_lose += count;
    }

    /// Cuts the link: what is under way is lost, and whatever is sent until it is mended.
    pub fn cut(&mut self) {
        self.is_cut = true;
        self.lanes.iter_mut().for_each(|lane| lane.under_way.clear());
    }

    /// Mends what was cut.
    pub fn mend(&mut self) {
        self.is_cut = false;
    }

    /// Sends something to the other side.
    pub fn send(&mut self, from: Side, item: T, now: Instant) {
        if !self.is_lost(from) {
            let arrival = now + self.latency;
            let under_way = &mut self.lane(from.opposite()).under_way;
            let arrival = under_way.back().map_or(arrival, |(last, _)| arrival.max(*last));
            under_way.push_back((arrival, item));
        }
    }

    /// The next thing that has arrived at this side.
    pub fn receive(&mut self, at: Side, now: Instant) -> Option<T> {
        let under_way = &mut self.lane(at).under_way;
        let has_arrived = under_way.front().is_some_and(|(arrival, _)| *arrival <= now);
        if has_arrived { under_way.pop_front().map(|(_, item)| item) } else { None }
    }

    /// When something arrives next, at either side.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(|lane| lane.under_way.front()).map(|(arrival, _)| *arrival).min()
    }

    /// Whether it has been cut.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    fn is_lost(&mut self, from: Side) -> bool {
        let lane = self.lane(from.opposite());
        if lane.to_lose > 0 {
            lane.to_lose -= 1;
            return true;
        }
        self.is_cut || self.loss.as_mut().is_some_and(|loss| loss.chance.happens(loss.percent))
    }

    fn lane(&mut self, to: Side) -> &mut Lane<T> {
        &mut self.lanes[to as usize]
    }
}

impl<T> Default for Link<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Lane<T> {
    fn new() -> Self {
        Self { under_way: VecDeque::new(), to_lose: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn received(link: &mut Link<u32>, at: Side, now: Instant) -> Vec<u32> {
        std::iter::from_fn(|| link.receive(at, now)).collect()
    }

    #[test]
    fn things_arrive_at_the_other_side_after_the_latency() {
        let mut clock = Clock::new();
        let mut link = Link::new().with_latency(40 * MILLISECOND);
        link.send(Side::Left, 1, clock.now());

        assert_eq!(link.next_arrival(), Some(clock.now() + 40 * MILLISECOND));
        clock.advance(39 * MILLISECOND);
        assert!(received(&mut link, Side::Right, clock.now()).is_empty());
        clock.advance(MILLISECOND);
        assert!(received(&mut link, Side::Left, clock.now()).is_empty());
        assert_eq!(received(&mut link, Side::Right, clock.now()), [1]);
        assert_eq!(link.next_arrival(), None);
    }

    #[test]
    fn a_link_that_gets_faster_keeps_the_order() {
        let clock = Clock::new();
        let mut link = Link::new().with_latency(40 * MILLISECOND);
        link.send(Side::Left, 1, clock.now());
        link.set_latency(Duration::ZERO);
        link.send(Side::Left, 2, clock.now());

        assert!(received(&mut link, Side::Right, clock.now()).is_empty());
        assert_eq!(received(&mut link, Side::Right, clock.now() + 40 * MILLISECOND), [1, 2]);
    }

    #[test]
    fn the_chosen_ones_are_lost() {
        let now = Clock::new().now();
        let mut link = Link::new();
        link.lose_next(Side::Left, 2);
        for item in 1..=3 {
            link.send(Side::Left, item, now);
            link.send(Side::Right, item, now);
        }

        assert_eq!(received(&mut link, Side::Right, now), [3]);
        assert_eq!(received(&mut link, Side::Left, now), [1, 2, 3]);
    }

    #[test]
    fn chance_loses_the_same_things_again() {
        let now = Clock::new().now();
        let run = || {
            let mut link = Link::new().with_loss(25, 42);
            (0..1000).for_each(|item| link.send(Side::Left, item, now));
            received(&mut link, Side::Right, now)
        };

        let arrived = run();
        assert!((700..800).contains(&arrived.len()), "{}", arrived.len());
        assert_eq!(arrived, run());
    }

    #[test]
    fn a_cut_loses_what_is_under_way_and_what_follows() {
        let now = Clock::new().now();
        let mut link = Link::new();
        link.send(Side::Left, 1, now);
        link.cut();
        link.send(Side::Left, 2, now);

        assert!(link.is_cut());
        assert!(received(&mut link, Side::Right, now).is_empty());

        link.mend();
        link.send(Side::Left, 3, now);
        assert_eq!(received(&mut link, Side::Right, now), [3]);
    }
}
