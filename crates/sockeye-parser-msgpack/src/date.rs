//! Dates as JavaScript writes them.

/// What `JSON.stringify` makes of the date that lies so many milliseconds after the beginning of 1970, without quotation
/// marks; nothing if JavaScript has no such date.
pub(super) fn to_iso(milliseconds: i64) -> Option<String> {
    if milliseconds.unsigned_abs() > FARTHEST {
        return None;
    }
    let (year, month, day) = civil(milliseconds.div_euclid(MILLISECONDS_PER_DAY));
    let rest = milliseconds.rem_euclid(MILLISECONDS_PER_DAY);
    let (seconds, milliseconds) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let year = if (0..=9999).contains(&year) { format!("{year:04}") } else { format!("{year:+07}") };
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z"))
}

/// Year, month and day of the day that lies so many days after the beginning of 1970, in the Gregorian calendar. Years are
/// counted from March here, so that a leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_BEFORE_1970;
    let (era, day) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year = (day - day / (DAYS_PER_4_YEARS - 1) + day / DAYS_PER_CENTURY - day / (DAYS_PER_ERA - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // From March on, five months have 153 days again and again.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

/// The farthest date of JavaScript, on either side of 1970.
const FARTHEST: u64 = 8_640_000_000_000_000;
const MILLISECONDS_PER_DAY: i64 = 86_400_000;
/// From the first of March of the year 0.
const DAYS_BEFORE_1970: i64 = 719_468;
const DAYS_PER_4_YEARS: i64 = 1461;
const DAYS_PER_CENTURY: i64 = 36_524;
/// The calendar repeats itself after 400 years.
const DAYS_PER_ERA: i64 = 146_097;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_javascript_writes_them() {
        let dates = [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1, "1970-01-01T00:00:00.001Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
            (1_583_020_799_123, "2020-02-29T23:59:59.123Z"),
            (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
            (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
            (-62_198_755_200_000, "-000001-01-01T00:00:00.000Z"),
            (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
        ];
        for (milliseconds, text) in dates {
            assert_eq!(to_iso(milliseconds).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_lies_beyond_the_last_date_is_none() {
        assert_eq!(to_iso(8_640_000_000_000_001), None);
        assert_eq!(to_iso(-8_640_000_000_000_001), None);
        assert_eq!(to_iso(i64::MIN), None);
    }
}
