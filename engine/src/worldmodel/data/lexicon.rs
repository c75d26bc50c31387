//! Lists of words: names, things, cities, units.

use fastrand::Rng;

use super::FamilyError;

/// A list of words, a row a line: `Anna | she | her`. The first line may name the columns: `columns: name | she | her`.
#[derive(Clone, Debug)]
pub(super) struct Lexicon {
    pub name: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Lexicon {
    /// Reads a list.
    ///
    /// # Errors
    /// A row with more or fewer columns than the first line names.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, FamilyError> {
        let mut lexicon = Self { name: name.to_owned(), columns: Vec::new(), rows: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let cells = |text: &str| text.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
            if let Some(columns) = line.strip_prefix("columns:") {
                lexicon.columns = cells(columns);
                continue;
            }
            let row = cells(line);
            if row.len() != lexicon.columns.len().max(1) {
                let message = format!("{} columns instead of {}", row.len(), lexicon.columns.len().max(1));
                return Err(FamilyError { file: format!("lists/{name}.txt"), line: index + 1, message });
            }
            lexicon.rows.push(row);
        }
        Ok(lexicon)
    }

    /// The number of rows.
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// A row drawn by chance that is none of some others.
    pub(super) fn draw(&self, rng: &mut Rng, but: &[usize]) -> usize {
        let mut row = rng.usize(..self.rows.len().max(1));
        for _ in 0..20 {
            if !but.contains(&row) {
                break;
            }
            row = rng.usize(..self.rows.len().max(1));
        }
        row
    }

    /// A cell: of a column, or of the first.
    pub(super) fn cell(&self, row: usize, column: Option<&str>) -> Option<&str> {
        let index = match column {
            None => 0,
            Some(column) => self.columns.iter().position(|known| known == column)?,
        };
        self.rows.get(row)?.get(index).map(String::as_str)
    }

    pub(super) fn has_column(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known == column)
    }
}

/// The list of words that a slot draws from: `name2` from `name`.
pub(super) fn list_of(slot: &str) -> &str {
    slot.trim_end_matches(|c: char| c.is_ascii_digit())
}
