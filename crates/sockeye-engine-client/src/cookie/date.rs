//! The dates in cookies, which servers write in many ways (RFC 6265, 5.1.1).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time, if there is one. Dates before 1970 are that.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = parse_time(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = parse_number(token, 1..=2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = parse_month(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = parse_number(token, 2..=4)
        {
            year = Some(full_year(found));
        }
    }
    let (day, year) = (day.filter(|day| (1..=31).contains(day))?, year.filter(|year| *year >= 1601)?);
    let seconds = days_since_1970(year, month?, day) * SECONDS_PER_DAY + i64::from(time?);
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn is_delimiter(letter: char) -> bool {
    matches!(letter, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

/// Seconds since midnight.
fn parse_time(token: &str) -> Option<u32> {
    let mut fields = token.split(':').map(|field| parse_number(field, 1..=2));
    let (hour, minute, second) = (fields.next()??, fields.next()??, fields.next()??);
    (fields.next().is_none() && hour < 24 && minute < 60 && second < 60)
        .then_some(hour * 3600 + minute * 60 + second)
}

/// The digits at the beginning, if there are so many of them.
fn parse_number(token: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let end = token.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(token.len());
    if !digits.contains(&end) {
        return None;
    }
    token[..end].parse().ok()
}

/// From 1 to 12.
fn parse_month(token: &str) -> Option<u32> {
    let name = token.get(..3)?;
    (1..).zip(MONTHS).find(|(_, month)| month.eq_ignore_ascii_case(name)).map(|(number, _)| number)
}

fn full_year(year: u32) -> u32 {
    match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        _ => year,
    }
}

/// In the Gregorian calendar: whole years of March to February, so that leap days come last in theirs.
fn days_since_1970(year: u32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month < 3);
    let month = i64::from((month + 9) % 12);
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (month * 153 + 2) / 5 + i64::from(day) - DAYS_BEFORE_1970
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const SECONDS_PER_DAY: i64 = 86_400;
/// What the sum of [`days_since_1970`] has for the first of January 1970.
const DAYS_BEFORE_1970: i64 = 719_469;

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        parse(text).map(|time| time.duration_since(UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn dates_are_read_as_servers_write_them() {
        for (text, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 1_445_412_480),
            ("Wed, 21-Oct-2015 07:28:00 GMT", 1_445_412_480),
            ("Wednesday, 21-Oct-15 07:28:00 GMT", 1_445_412_480),
            ("Wed Oct 21 07:28:00 2015", 1_445_412_480),
            ("Sat, 29 Feb 2020 23:59:59 GMT", 1_583_020_799),
            ("Sun, 01 Mar 2020 00:00:00 GMT", 1_583_020_800),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799),
            ("Mon, 01 Jan 1900 00:00:00 GMT", 0),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "21 Oct 2015",
            "Wed, 21 Oct 07:28:00 GMT",
            "Wed, 32 Oct 2015 07:28:00 GMT",
            "Wed, 21 Oct 2015 24:00:00 GMT",
            "Wed, 21 Oct 1600 07:28:00 GMT",
            "Wed, 21 Ökt 2015 07:28:00 GMT",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
