//! Which cached questions a step reads: all of them, pass after pass, each time in another order.

use fastrand::Rng;

use super::sampler::POOL;

/// The order in which cached questions are read. It depends on the seed and the step's number alone.
#[derive(Clone, Debug)]
pub struct Passes {
    /// Positions and program tokens of each question.
    lengths: Vec<(usize, usize)>,
    seed: u64,
    batch: usize,
}

impl Passes {
    /// Over questions of these lengths (positions, and tokens of the program), so many a step.
    pub fn new(lengths: Vec<(usize, usize)>, seed: u64, batch: usize) -> Self {
        Self { lengths, seed, batch }
    }

    /// The questions of [`POOL`] steps, from step `number · POOL` on, as indices: those of one step are of one length or nearly.
    /// Nothing where there are no questions.
    pub fn pool(&self, number: u64) -> Vec<Vec<usize>> {
        let (count, batch) = (self.lengths.len() as u64, self.batch.max(1));
        let wanted = batch as u64 * POOL;
        if count == 0 {
            return Vec::new();
        }
        let mut questions = Vec::new();
        let mut at = number * wanted;
        let end = at + wanted;
        while at < end {
            let order = self.order(at / count);
            let first = at % count;
            let taken = (end - at).min(count - first);
            questions.extend(order.into_iter().skip(first as usize).take(taken as usize));
            at += taken;
        }
        questions.sort_by_key(|&question| (self.lengths.get(question), question));
        let mut batches: Vec<Vec<usize>> = questions.chunks(batch).map(<[_]>::to_vec).collect();
        self.rng(number, 1).shuffle(&mut batches);
        batches
    }

    /// All questions, as one pass reads them.
    fn order(&self, pass: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.lengths.len()).collect();
        self.rng(pass, 2).shuffle(&mut order);
        order
    }

    fn rng(&self, number: u64, purpose: u64) -> Rng {
        Rng::with_seed(self.seed ^ (2 * number + purpose).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn every_pass_reads_every_question_once() {
        let passes = Passes::new((0..40).map(|at| (at % 7, at)).collect(), 3, 2);
        let drawn: Vec<usize> = (0..5).flat_map(|number| passes.pool(number)).flatten().collect();
        assert_eq!(drawn.len(), 160);
        for question in 0..40 {
            assert_eq!(drawn.iter().filter(|drawn| **drawn == question).count(), 4, "{question}");
        }
        assert_eq!(passes.pool(3), passes.pool(3));
        assert_ne!(passes.pool(3), passes.pool(4));
    }

    #[test]
    fn a_step_reads_questions_of_one_length() {
        let passes = Passes::new((0..64).map(|at| (at % 4, 0)).collect(), 1, 16);
        for batch in passes.pool(0) {
            assert_eq!(batch.len(), 16);
            assert!(batch.iter().all(|at| at % 4 == batch.first().unwrap() % 4), "{batch:?}");
        }
        assert!(Passes::new(Vec::new(), 1, 16).pool(0).is_empty());
    }
}
