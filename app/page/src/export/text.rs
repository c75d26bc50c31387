//! A table as CSV and as JSON.

use super::sheet::{Cell, Sheet};

impl Sheet {
    /// Columns whose values have names get a second one with them.
    fn is_named(&self, column: usize) -> bool {
        self.rows.iter().any(|row| row.get(column).is_some_and(|cell| cell.site.is_some()))
    }

    /// As CSV (RFC 4180). Behind a column of numbers that can be opened stands one with their names.
    pub fn csv(&self) -> String {
        let named: Vec<bool> = (0..self.columns.len()).map(|column| self.is_named(column)).collect();
        let mut text = String::new();
        let mut line = |fields: Vec<String>| {
            let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
            text.push_str(&fields.join(","));
            text.push_str("\r\n");
        };
        let mut head = Vec::new();
        for (column, named) in self.columns.iter().zip(&named) {
            head.push(column.clone());
            head.extend(named.then(|| format!("site of {column}")));
        }
        line(head);
        for row in &self.rows {
            let mut fields = Vec::new();
            for (cell, named) in row.iter().zip(&named) {
                fields.push(cell.text.clone());
                fields.extend(named.then(|| site(cell)));
            }
            line(fields);
        }
        text
    }

    /// As JSON: what it is of, the columns, and the rows, in which a number that can be opened is a value with its name.
    pub fn json(&self) -> String {
        let place = |place: Option<usize>| place.map_or_else(|| "null".to_owned(), |place| place.to_string());
        let columns: Vec<String> = self.columns.iter().map(|column| string(column)).collect();
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let cells: Vec<String> = row.iter().map(value).collect();
                format!("    [{}]", cells.join(", "))
            })
            .collect();
        format!(
            "{{\n  \"title\": {},\n  \"model\": {},\n  \"view\": {},\n  \"position\": {},\n  \"layer\": {},\n  \"columns\": [{}],\n  \
             \"rows\": [\n{}\n  ]\n}}\n",
            string(&self.title),
            string(&self.model),
            string(self.view),
            place(self.position),
            place(self.layer),
            columns.join(", "),
            rows.join(",\n")
        )
    }
}

fn site(cell: &Cell) -> String {
    cell.site.map(|site| site.to_string()).unwrap_or_default()
}

/// A field, in quotation marks where it must be.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn value(cell: &Cell) -> String {
    let value = if cell.value.is_some() { cell.text.clone() } else { string(&cell.text) };
    match cell.site {
        Some(site) => format!("{{\"value\": {value}, \"site\": \"{site}\"}}"),
        None => value,
    }
}

/// A text in JSON's quotation marks.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::xray::Site;

    fn sheet() -> Sheet {
        let mut sheet =
            Sheet::new("nano, \"v1\"", "logits", "Logits").at(3, None).columns(&["token", "logit"]);
        let site = Site::Logit { position: 3, token: 8 };
        sheet.rows = vec![
            vec![Cell::text("say \"a,\nb\""), Cell::at(-0.1, site)],
            vec![Cell::text("é"), Cell::number(f32::INFINITY)],
        ];
        sheet
    }

    #[test]
    fn csv_is_quoted_where_it_must_be() {
        assert_eq!(
            sheet().csv(),
            "token,logit,site of logit\r\n\"say \"\"a,\nb\"\"\",-0.1,\"hook_logits[3, 8]\"\r\né,inf,\r\n"
        );
    }

    #[test]
    fn json_has_numbers_with_their_names() {
        let json = sheet().json();
        assert!(
            json.contains(r#"["say \"a,\u000ab\"", {"value": -0.1, "site": "hook_logits[3, 8]"}]"#),
            "{json}"
        );
        assert!(json.contains(r#"["é", "inf"]"#), "{json}");
        assert!(
            json.contains("\"model\": \"nano, \\\"v1\\\"\",") && json.contains("\"layer\": null"),
            "{json}"
        );
    }

    #[test]
    fn a_file_name_says_what_it_is_and_any_system_takes_it() {
        assert_eq!(sheet().file_name("csv"), "nano---v1--logits-position-3.csv");
    }
}
