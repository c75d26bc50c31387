//! Where the tokens of the strip stand, in CSS pixels.
//!
//! A browser draws nothing beyond some 17 million pixels; a run may be ten times as long. So the scroll range of the strip is at most
//! [`LONGEST`]. Near both ends one pixel of it is one of the run, and in between it stands for more. A small movement still moves the
//! run by as much as the range: what is drawn is then shifted against the range, by [`View::behind`].

use protocol::Machine;

use crate::session::Tape;

/// Width of a token of classic's program.
const BYTE: f64 = 36.0;
/// Width of an answer of classic: its instruction stands above it.
const ANSWER: f64 = 108.0;
/// Width of a token of the full machine.
const WORD: f64 = 48.0;
/// The longest scroll range.
const LONGEST: f64 = 8_000_000.0;
/// How far both ends reach within which the range is as long as the run.
const END: f64 = 100_000.0;

/// Positions as places, and back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ruler {
    /// Width of a token of the prompt.
    pub token: f64,
    /// Width of a token that the model wrote.
    pub answer: f64,
    prompt: usize,
    tokens: usize,
}

/// What part of the run is in view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// Where the range is scrolled to.
    pub scroll: f64,
    /// How much further the run is.
    pub behind: f64,
}

impl View {
    /// The first pixel of the run in view.
    pub fn start(self) -> f64 {
        self.scroll + self.behind
    }
}

impl Ruler {
    /// The ruler of a run.
    pub fn of(tape: Tape) -> Self {
        let (token, answer) = match tape.machine {
            Machine::Classic => (BYTE, ANSWER),
            Machine::Full => (WORD, WORD),
        };
        Self { token, answer, prompt: tape.prompt, tokens: tape.tokens }
    }

    /// Where a position starts.
    pub fn left(self, position: usize) -> f64 {
        let answers = position.saturating_sub(self.prompt);
        (position - answers) as f64 * self.token + answers as f64 * self.answer
    }

    /// The position at a place.
    pub fn position_at(self, x: f64) -> usize {
        let prompt = self.left(self.prompt);
        if self.tokens == 0 {
            0
        } else if x < prompt {
            (x.max(0.0) / self.token) as usize
        } else {
            (self.prompt + ((x - prompt) / self.answer) as usize).min(self.tokens)
        }
    }

    /// How long the scroll range is.
    pub fn range(self) -> f64 {
        self.left(self.tokens).min(LONGEST)
    }

    /// The last starts of a view that is so wide: in the run, and in the range.
    fn ends(self, width: f64) -> (f64, f64) {
        ((self.left(self.tokens) - width).max(0.0), (self.range() - width).max(0.0))
    }

    /// Whether the range is shorter than the run.
    fn is_scaled(self) -> bool {
        self.left(self.tokens) > LONGEST
    }

    /// The view that begins at a place of the run.
    pub fn view_at(self, width: f64, start: f64) -> View {
        let (end, range_end) = self.ends(width);
        let start = start.clamp(0.0, end);
        if !self.is_scaled() {
            return View { scroll: start.round(), behind: 0.0 };
        }
        let scroll = if start < END {
            start
        } else if end - start < END {
            range_end - (end - start)
        } else {
            END + (start - END) * (range_end - 2.0 * END) / (end - 2.0 * END)
        };
        let scroll = scroll.round();
        View { scroll, behind: start - scroll }
    }

    /// The same view where the browser has scrolled the range to.
    pub fn settled(self, view: View, scroll: f64) -> View {
        View { scroll, behind: if self.is_scaled() { view.start() - scroll } else { 0.0 } }
    }

    /// The view after the range was scrolled: a small movement moves the run by as much, a large one goes to that part of it. Where the
    /// range ends and the run does not, the range is moved.
    pub fn scrolled(self, width: f64, before: View, scroll: f64) -> View {
        if !self.is_scaled() {
            return View { scroll, behind: 0.0 };
        }
        let (end, range_end) = self.ends(width);
        let start = if (scroll - before.scroll).abs() < width {
            scroll + before.behind
        } else if scroll < END {
            scroll
        } else if range_end - scroll < END {
            end - (range_end - scroll)
        } else {
            END + (scroll - END) * (end - 2.0 * END) / (range_end - 2.0 * END)
        };
        let is_outside = start < 0.0 || start > end;
        let is_stuck = (scroll <= 0.0 && start > 0.0) || (scroll >= range_end - 1.0 && start < end);
        if is_outside || is_stuck {
            return self.view_at(width, start);
        }
        View { scroll, behind: start - scroll }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruler(machine: Machine, prompt: usize, tokens: usize) -> Ruler {
        Ruler::of(Tape { machine, prompt, tokens, run: 0 })
    }

    #[test]
    fn places_and_positions_are_inverse() {
        for machine in [Machine::Classic, Machine::Full] {
            let ruler = ruler(machine, 12, 4_194_304);
            for position in [0, 1, 11, 12, 13, 20_000, 4_194_303] {
                assert_eq!(ruler.position_at(ruler.left(position) + 1.0), position);
            }
            assert_eq!(ruler.position_at(-50.0), 0);
        }
        assert_eq!(Ruler::default().position_at(50.0), 0);
    }

    #[test]
    fn a_short_run_is_as_long_as_its_range() {
        let ruler = ruler(Machine::Classic, 12, 14);
        assert_eq!(ruler.range(), 12.0 * BYTE + 2.0 * ANSWER);
        assert_eq!(ruler.scrolled(300.0, View::default(), 40.0), View { scroll: 40.0, behind: 0.0 });
        assert_eq!(ruler.view_at(300.0, 1e9), View { scroll: ruler.range() - 300.0, behind: 0.0 });
    }

    #[test]
    fn every_part_of_a_long_run_is_in_the_range() {
        let (ruler, width) = (ruler(Machine::Full, 1_000, 4_194_304), 1_000.0);
        assert_eq!(ruler.range(), LONGEST);
        let end = ruler.left(4_194_304) - width;
        for start in [0.0, 10.0, 99_999.0, 1e6, 1e8, end - 10.0, end] {
            let view = ruler.view_at(width, start);
            assert_eq!(view.start(), start);
            assert!((0.0..=LONGEST - width).contains(&view.scroll), "{view:?}");
            // From anywhere else, the range leads to about the same part.
            let far = View { scroll: view.scroll + 2.0 * width, behind: 0.0 };
            assert!((ruler.scrolled(width, far, view.scroll).start() - start).abs() < 50.0);
            // A small movement is one of the run.
            let next = ruler.scrolled(width, view, view.scroll - 7.0);
            assert_eq!(next.start(), (start - 7.0).max(0.0));
        }
    }

    #[test]
    fn where_the_range_ends_the_run_goes_on() {
        let (ruler, width) = (ruler(Machine::Full, 1_000, 4_194_304), 1_000.0);
        let view = ruler.scrolled(width, View { scroll: 100.0, behind: 5e6 }, 0.0);
        assert_eq!(view.start(), 5e6);
        assert!(view.scroll > END);
        let last = LONGEST - width;
        let view = ruler.scrolled(width, View { scroll: last - 100.0, behind: 5e6 }, last);
        assert_eq!(view.start(), last + 5e6);
        assert!(view.scroll < last);
    }
}
