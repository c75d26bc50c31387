//! Bytes, rates and times as text.

/// `639 MB`, in powers of ten as file sizes are written.
pub fn bytes(count: u64) -> String {
    let size = count as f64;
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", size / 1e3),
        1_000_000..10_000_000 => format!("{:.1} MB", size / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0} MB", size / 1e6),
        _ => format!("{:.2} GB", size / 1e9),
    }
}

/// `1 min 20 s`, for a time that is only guessed.
pub fn time_left(seconds: f64) -> String {
    let seconds = seconds.ceil().max(1.0) as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A duration that was measured: `0.42 s`, `12.3 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{seconds:.2} s") } else { format!("{seconds:.1} s") }
}

/// A share in percent, with more digits where it is small.
pub fn percent(share: f32) -> String {
    let percent = share * 100.0;
    if percent >= 10.0 || percent == 0.0 {
        format!("{percent:.0} %")
    } else if percent >= 0.1 {
        format!("{percent:.1} %")
    } else {
        "< 0.1 %".to_owned()
    }
}

/// `2026-11-21 11:29`, from milliseconds since 1970.
pub fn moment(milliseconds: u64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(milliseconds as f64));
    let (month, day) = (date.get_month() + 1, date.get_date());
    let (hour, minute) = (date.get_hours(), date.get_minutes());
    format!("{}-{month:02}-{day:02} {hour:02}:{minute:02}", date.get_full_year())
}

/// The host that an address asks; empty where there is none.
pub fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// A token's text where spaces and line ends must be seen.
pub fn visible(token: &str) -> String {
    if token.is_empty() {
        return "∅".to_owned();
    }
    token.replace(' ', "·").replace('\n', "⏎").replace('\t', "⇥")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_unit_that_reads_well() {
        let sizes = [0, 999, 1_000, 98_362_432, 1_800_000, 639_446_688, 4_294_967_296].map(bytes);
        assert_eq!(sizes, ["0 bytes", "999 bytes", "1 kB", "98 MB", "1.8 MB", "639 MB", "4.29 GB"]);
    }

    #[test]
    fn times_are_rounded_up() {
        assert_eq!(
            [0.1, 59.5, 80.0, 7_300.0].map(time_left),
            ["1 s", "1 min 0 s", "1 min 20 s", "2 h 1 min"]
        );
    }

    #[test]
    fn a_host_is_who_is_asked() {
        let hosts = ["https://hf.co/a/b.gguf", "hf.co", "https://hf.co@evil.org/x", "https://a.org:8?b", ""];
        assert_eq!(hosts.map(host), ["hf.co", "hf.co", "evil.org", "a.org:8", ""]);
    }

    #[test]
    fn shares_keep_a_digit_that_says_something() {
        assert_eq!(
            [0.0, 1.0, 0.123, 0.034, 0.000_1].map(percent),
            ["0 %", "100 %", "12 %", "3.4 %", "< 0.1 %"]
        );
    }
}
