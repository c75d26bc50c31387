//! What this machine tells programs that ask, once somebody has granted it by name.

use anyhow::{Result, bail};
use engine::sandbox::Grant;
use engine::worldmodel::expression::{SystemNumber, SystemText};
use jiff::Zoned;

/// The grants of these names, or of `all`; each with what it says now.
pub fn grants(names: &[String]) -> Result<Vec<Grant>> {
    let now = Zoned::now();
    let known = || {
        let texts = SystemText::ALL.iter().map(|text| text.name());
        texts.chain(SystemNumber::ALL.iter().map(|number| number.name()))
    };
    let mut wanted: Vec<&str> = Vec::new();
    for name in names {
        match known().find(|known| known == name) {
            Some(name) => wanted.push(name),
            None if name == "all" => wanted.extend(known()),
            None => bail!(
                "programs cannot ask for `{name}`; what can be granted is {}, or all",
                known().collect::<Vec<_>>().join(", ")
            ),
        }
    }
    Ok(wanted.into_iter().filter_map(|name| grant(name, &now)).collect())
}

fn grant(name: &str, now: &Zoned) -> Option<Grant> {
    if let Some(text) = SystemText::from_name(name) {
        return Some(Grant::text(name, &said(text, now)));
    }
    let value = match SystemNumber::from_name(name)? {
        SystemNumber::Timestamp => now.timestamp().as_second(),
        SystemNumber::Year => now.year().into(),
        SystemNumber::Month => now.month().into(),
        SystemNumber::Day => now.day().into(),
        SystemNumber::Hour => now.hour().into(),
    };
    Some(Grant::integer(name, value))
}

fn said(text: SystemText, now: &Zoned) -> String {
    match text {
        SystemText::Date => now.strftime("%Y-%m-%d").to_string(),
        SystemText::Time => now.strftime("%H:%M:%S").to_string(),
        SystemText::DateTime => now.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        SystemText::Weekday => now.strftime("%A").to_string(),
        SystemText::TimeZone => now.time_zone().iana_name().unwrap_or("UTC").to_owned(),
        SystemText::Platform => std::env::consts::OS.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn only_what_is_named_is_granted() {
        assert!(grants(&[]).unwrap().is_empty());
        let granted = grants(&["date".to_owned()]).unwrap();
        assert_eq!(granted.len(), 1);
        let every = grants(&["all".to_owned()]).unwrap();
        assert_eq!(every.len(), SystemText::ALL.len() + SystemNumber::ALL.len());
        let refused = grants(&["files".to_owned()]).unwrap_err().to_string();
        assert!(refused.contains("`files`") && refused.contains("timestamp"), "{refused}");
    }
}
