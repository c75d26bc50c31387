//! One run of the checks. Another one ends it, and so does whoever presses Stop: what it hears after that counts for nothing.

use std::rc::Rc;

use leptos::prelude::*;
use protocol::{AppError, Device};

use super::{Checked, Checks, OnDevice, Stage};
use crate::client::link::Link;

/// The run; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Errand {
    checks: Checks,
    number: u64,
    /// What computes.
    pub device: Device,
}

impl Errand {
    /// A run that begins now, in place of the one before.
    pub fn new(checks: Checks, device: Device) -> Self {
        Self { checks, number: checks.next_number(), device }
    }

    /// Whether it is still wanted.
    pub fn is_wanted(self) -> bool {
        self.checks.newest.try_get_value() == Some(self.number)
    }

    /// Starts a worker, in place of the one before; none if the run is not wanted any more.
    ///
    /// # Errors
    /// The browser starts none.
    pub fn hire(self, engine: &str) -> Result<Option<Rc<Link>>, AppError> {
        if !self.is_wanted() {
            return Ok(None);
        }
        // Whoever waits hears of a crash.
        let link = Link::spawn(engine, Box::new(|_| {}), Box::new(|_, _| {}))?;
        if let Some(before) =
            self.checks.link.try_update_value(|held| held.replace(Rc::clone(&link))).flatten()
        {
            before.end("another engine takes its place");
        }
        Ok(Some(link))
    }

    /// Says how far a check is. Whether the run is still wanted.
    pub fn tell(self, name: &'static str, done: usize, of: usize) -> bool {
        if self.is_wanted() {
            self.checks.stage.set(Some(Stage { name, done, of }));
        }
        self.is_wanted()
    }

    /// Puts what is known of a check into the table. What an earlier run on the device had found goes with the first result of this one.
    pub fn keep(self, checked: &Checked) {
        if !self.is_wanted() {
            return;
        }
        self.checks.all.update(|all| {
            all.retain(|old| old.device != self.device || old.run == self.number);
            let new = || OnDevice { device: self.device, run: self.number, checked: Vec::new() };
            let place = all.iter().position(|of| of.device == self.device).unwrap_or_else(|| {
                all.push(new());
                all.len() - 1
            });
            let Some(of) = all.get_mut(place) else { return };
            match of.checked.iter_mut().find(|known| known.name == checked.name) {
                Some(known) => known.clone_from(checked),
                None => of.checked.push(checked.clone()),
            }
        });
    }
}
