//! What a view gives to be exported: a table whose values say their names, and how it is drawn.

use engine::xray::Site;

use crate::xray::chart::Chart;

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// As it stands in the file: of a number, the shortest digits that read back as the same.
    pub text: String,
    /// Its value, if it is a number.
    pub value: Option<f64>,
    /// Its name, if it has one.
    pub site: Option<Site>,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), value: None, site: None }
    }

    /// A number.
    pub fn number(value: f32) -> Self {
        // −0 and 0 are the same number, as on the page.
        let value = value + 0.0;
        Self { text: value.to_string(), value: value.is_finite().then_some(f64::from(value)), site: None }
    }

    /// A number that can be opened.
    pub fn at(value: f32, site: Site) -> Self {
        Self { site: Some(site), ..Self::number(value) }
    }

    /// A whole number: a position, a token.
    pub fn count(value: usize) -> Self {
        Self { text: value.to_string(), value: Some(value as f64), site: None }
    }

    /// Something measured.
    pub fn measured(value: f64) -> Self {
        Self { text: value.to_string(), value: value.is_finite().then_some(value), site: None }
    }

    /// Nothing.
    pub fn none() -> Self {
        Self::text("")
    }
}

/// How a table is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Drawing {
    /// Not at all: it is words.
    #[default]
    None,
    /// A bar for each row, named by its first column, as long as these columns say.
    Bars(Vec<usize>),
    /// Squares, darker where a share is larger.
    Map(Map),
    /// What is drawn on the page.
    Charts(Vec<Chart>),
}

/// A heat map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// What stands beside the rows, and what their axis is.
    pub rows: (String, Vec<String>),
    /// What stands under the columns, and what their axis is.
    pub columns: (String, Vec<String>),
    /// Row by row; nothing where there is no value. Negative ones have another colour.
    pub values: Vec<Vec<Option<f32>>>,
}

/// What is exported of a view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Whose numbers: the model's name.
    pub model: String,
    /// The view's name, in the file's name.
    pub view: &'static str,
    /// What it shows.
    pub title: String,
    /// At which position.
    pub position: Option<usize>,
    /// In which layer.
    pub layer: Option<usize>,
    /// What the columns are.
    pub columns: Vec<String>,
    /// The rows: a cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// How it is drawn.
    pub drawing: Drawing,
}

impl Sheet {
    /// An empty table of a model's view.
    pub fn new(model: impl Into<String>, view: &'static str, title: impl Into<String>) -> Self {
        Self { model: model.into(), view, title: title.into(), ..Self::default() }
    }

    /// The same at a position, and of a layer if it is of one.
    #[must_use]
    pub fn at(mut self, position: usize, layer: Option<usize>) -> Self {
        (self.position, self.layer) = (Some(position), layer);
        self
    }

    /// The same with these columns.
    #[must_use]
    pub fn columns<T: ToString>(mut self, columns: &[T]) -> Self {
        self.columns = columns.iter().map(ToString::to_string).collect();
        self
    }

    /// Title, model and place in a line.
    pub fn heading(&self) -> String {
        let mut text = format!("{}, {}", self.title, self.model);
        if let Some(layer) = self.layer {
            text.push_str(&format!(", layer {layer}"));
        }
        if let Some(position) = self.position {
            text.push_str(&format!(", position {position}"));
        }
        text
    }

    /// A file's name that says all of that.
    pub fn file_name(&self, ending: &str) -> String {
        let mut text = format!("{}-{}", self.model, self.view);
        if let Some(position) = self.position {
            text.push_str(&format!("-position-{position}"));
        }
        if let Some(layer) = self.layer {
            text.push_str(&format!("-layer-{layer}"));
        }
        // What some system does not take in a name.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let text: String = text.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        format!("{text}.{ending}")
    }
}
