//! The head of an example program: what it is, and what calls of it give.
//!
//! ```wat
//! ;; Greatest common divisor
//! ;; Euclid: what divides a and b also divides b and the remainder of a / b.
//! ;; call gcd 252 198 -> 18
//! ;; call print 3 ->
//! ;; outputs 1 2 3
//! ;; call main ->
//! ;; text "done\n"
//! ```

/// What an example says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub title: String,
    /// What it does and how, in a sentence or more.
    pub about: String,
    /// Calls, the first one to be shown at first.
    pub calls: Vec<Call>,
}

/// A call, with what it gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The function's exported name.
    pub function: String,
    /// What it takes.
    pub arguments: Vec<i32>,
    /// What it gives.
    pub results: Vec<i32>,
    /// What it puts out before, as numbers: bytes of a text stand for themselves.
    pub outputs: Vec<i32>,
    /// Whether that is a text.
    pub is_text: bool,
}

/// A line of a head that says nothing known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct HeadError {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Head {
    /// Reads the comment lines that a text begins with.
    ///
    /// # Errors
    /// The first line that cannot be read, and a text without a title.
    pub fn read(text: &str) -> Result<Self, HeadError> {
        let mut head = Self::default();
        let lines = text.lines().map_while(|line| line.strip_prefix(";;")).map(str::trim);
        for (number, line) in (1..).zip(lines) {
            let wrong = |problem| HeadError { line: number, problem };
            if let Some(call) = line.strip_prefix("call ") {
                head.calls.push(read_call(call).map_err(wrong)?);
            } else if let Some(numbers) = line.strip_prefix("outputs") {
                let call = head.calls.last_mut().ok_or_else(|| wrong("outputs of which call?"))?;
                call.outputs = integers(numbers).ok_or_else(|| wrong("these are no integers"))?;
            } else if let Some(text) = line.strip_prefix("text ") {
                let call = head.calls.last_mut().ok_or_else(|| wrong("the text of which call?"))?;
                let text = quoted(text).ok_or_else(|| wrong("this is no text in quotes"))?;
                (call.outputs, call.is_text) = (text.bytes().map(i32::from).collect(), true);
            } else if head.title.is_empty() {
                head.title = line.to_owned();
            } else {
                if !head.about.is_empty() {
                    head.about.push(' ');
                }
                head.about.push_str(line);
            }
        }
        if head.title.is_empty() {
            return Err(HeadError { line: 1, problem: "a title is missing, as in `;; Factorial`" });
        }
        Ok(head)
    }
}

fn read_call(call: &str) -> Result<Call, &'static str> {
    let (call, results) = call.split_once("->").ok_or("`->` is missing, with what the call gives")?;
    let (function, arguments) = call.trim().split_once(' ').unwrap_or((call.trim(), ""));
    Ok(Call {
        function: function.to_owned(),
        arguments: integers(arguments).ok_or("these arguments are no integers")?,
        results: integers(results).ok_or("these results are no integers")?,
        ..Call::default()
    })
}

fn integers(text: &str) -> Option<Vec<i32>> {
    text.split_whitespace().map(|number| number.parse().ok()).collect()
}

/// A text in quotes, in which `\n`, `\"` and `\\` stand for what they stand for.
fn quoted(text: &str) -> Option<String> {
    let mut found = String::new();
    let mut rest = text.trim().strip_prefix('"')?.strip_suffix('"')?.chars();
    while let Some(letter) = rest.next() {
        found.push(match letter {
            '\\' => match rest.next()? {
                'n' => '\n',
                other @ ('"' | '\\') => other,
                _ => return None,
            },
            other => other,
        });
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_to_its_end() {
        let head = Head::read(
            ";; Two things\n;; First one,\n;; then the other.\n;; call one 1 -2 -> 3 -4\n;; call two ->\n;; outputs 5 6\n\
             ;; call three ->\n;; text \"a\\n\\\"\\\\\"\n\n(module) ;; call four ->",
        )
        .unwrap();
        assert_eq!((head.title.as_str(), head.about.as_str()), ("Two things", "First one, then the other."));
        assert_eq!(head.calls.len(), 3);
        assert_eq!((&head.calls[0].arguments, &head.calls[0].results), (&vec![1, -2], &vec![3, -4]));
        assert_eq!((&head.calls[1].outputs, head.calls[1].is_text), (&vec![5, 6], false));
        assert_eq!((&head.calls[2].outputs, head.calls[2].is_text), (&vec![97, 10, 34, 92], true));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        for (text, line) in [
            ("(module)", 1),
            (";; T\n;; call f 1", 2),
            (";; T\n;; call f x -> 1", 2),
            (";; T\n;; outputs 1", 2),
            (";; T\n;; call f ->\n;; text \"\\x\"", 3),
        ] {
            assert_eq!(Head::read(text).unwrap_err().line, line, "{text}");
        }
    }
}
