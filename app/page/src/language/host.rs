//! What this browser tells programs that ask, once a person has granted it by name.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::window;
use protocol::asking::{Granted, Says};
use wasm_bindgen::JsValue;

/// The functions that can be granted: name, and what it says.
pub const FUNCTIONS: [(&str, &str); 11] = [
    ("date", "today's date"),
    ("time", "the time of day"),
    ("datetime", "date and time"),
    ("weekday", "the day of the week"),
    ("timezone", "your time zone"),
    ("platform", "the kind of machine"),
    ("timestamp", "seconds since 1970"),
    ("year", "the year"),
    ("month", "the month, as a number"),
    ("day", "the day of the month"),
    ("hour", "the hour"),
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The functions of these names, each with what it says now.
pub fn granted(names: &[String]) -> Vec<Granted> {
    let now = Date::new_0();
    names.iter().filter_map(|name| Some(Granted { name: name.clone(), says: says(name, &now)? })).collect()
}

fn says(name: &str, now: &Date) -> Option<Says> {
    let date = || format!("{}-{:02}-{:02}", now.get_full_year(), now.get_month() + 1, now.get_date());
    let time = || format!("{:02}:{:02}:{:02}", now.get_hours(), now.get_minutes(), now.get_seconds());
    Some(match name {
        "date" => Says::Text(date()),
        "time" => Says::Text(time()),
        "datetime" => Says::Text(format!("{} {}", date(), time())),
        "weekday" => Says::Text((*WEEKDAYS.get(now.get_day() as usize)?).to_owned()),
        "timezone" => Says::Text(timezone()),
        "platform" => Says::Text(window().navigator().platform().unwrap_or_default()),
        "timestamp" => Says::Number((now.get_time() / 1e3) as i64),
        "year" => Says::Number(now.get_full_year().into()),
        "month" => Says::Number((now.get_month() + 1).into()),
        "day" => Says::Number(now.get_date().into()),
        "hour" => Says::Number(now.get_hours().into()),
        _ => return None,
    })
}

fn timezone() -> String {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    let zone = Reflect::get(&format.resolved_options(), &JsValue::from_str("timeZone"));
    zone.ok().and_then(|zone| zone.as_string()).unwrap_or_else(|| "UTC".to_owned())
}

/// The function that a failure says was not granted.
pub fn refused(failure: &str) -> Option<&'static str> {
    let (_, rest) = failure.split_once("api.")?;
    let end = rest.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(rest.len());
    let name = rest.get(..end)?;
    FUNCTIONS.iter().map(|(function, _)| *function).find(|function| *function == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_could_be_granted() {
        assert_eq!(refused("the program asks the host for `api.date`, which was not granted"), Some("date"));
        assert_eq!(refused("api.datetime was not granted"), Some("datetime"));
        assert_eq!(refused("api.files was not granted"), None);
        assert_eq!(refused("a zero to divide by"), None);
    }
}
