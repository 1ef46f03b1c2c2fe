//! A scenario while it is thought out: changes in an address that can be sent to a colleague.
//!
//! `close:both:s1,s2;capacity:both:50:s3;speed:both:30:s4;one-way:forward:s5`

use bisenzio_streets::geometry::Projection;

use crate::change::{Change, MOST, Ways};
use crate::city::City;
use crate::network::Way;

/// Writes changes into an address; neighbours of one kind share their words.
pub fn write(changes: &[Change]) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for change in changes {
        let (head, street) = match change {
            Change::Close { street, ways } => (format!("close:{}", ways_word(*ways)), street),
            Change::Capacity {
                street,
                ways,
                percent,
            } => (format!("capacity:{}:{percent}", ways_word(*ways)), street),
            Change::Speed { street, ways, kmh } => (format!("speed:{}:{kmh}", ways_word(*ways)), street),
            Change::OneWay { street, way } => (format!("one-way:{}", way_word(*way)), street),
            Change::BanTurn { from, to } => (format!("ban-turn:{from}"), to),
        };
        match groups.last_mut().filter(|last| last.0 == head) {
            Some(last) => last.1.push(street),
            None => groups.push((head, vec![street])),
        }
    }
    let groups: Vec<String> = groups
        .iter()
        .map(|(head, streets)| format!("{head}:{}", streets.join(",")))
        .collect();
    groups.join(";")
}

/// Reads changes from an address. What cannot be read is left out: an address is typed and cut by people.
pub fn read(text: &str) -> Vec<Change> {
    let mut out = Vec::new();
    for group in text.split(';') {
        let parts: Vec<&str> = group.split(':').collect();
        let Some((streets, head)) = parts.split_last() else {
            continue;
        };
        for street in streets.split(',').map(str::trim).filter(|s| !s.is_empty()) {
            let street = street.to_owned();
            let change = match head {
                ["close", ways] => read_ways(ways).map(|ways| Change::Close { street, ways }),
                ["capacity", ways, percent] => {
                    read_ways(ways)
                        .zip(percent.parse().ok())
                        .map(|(ways, percent)| Change::Capacity {
                            street,
                            ways,
                            percent,
                        })
                }
                ["speed", ways, kmh] => read_ways(ways)
                    .zip(kmh.parse().ok())
                    .map(|(ways, kmh)| Change::Speed { street, ways, kmh }),
                ["one-way", "forward"] => Some(Change::OneWay {
                    street,
                    way: Way::Forward,
                }),
                ["one-way", "backward"] => Some(Change::OneWay {
                    street,
                    way: Way::Backward,
                }),
                ["ban-turn", from] => Some(Change::BanTurn {
                    from: (*from).to_owned(),
                    to: street,
                }),
                _ => None,
            };
            out.extend(change);
        }
    }
    out.truncate(MOST);
    out
}

fn ways_word(ways: Ways) -> &'static str {
    match ways {
        Ways::Both => "both",
        Ways::Forward => "forward",
        Ways::Backward => "backward",
    }
}

fn read_ways(text: &str) -> Option<Ways> {
    match text {
        "both" => Some(Ways::Both),
        "forward" => Some(Ways::Forward),
        "backward" => Some(Ways::Backward),
        _ => None,
    }
}

fn way_word(way: Way) -> &'static str {
    match way {
        Way::Forward => "forward",
        Way::Backward => "backward",
    }
}

/// The way of a street that leads towards a point of the compass: `n`, `e`, `s` or `o` (west).
pub fn towards(city: &City, street: usize, compass: &str) -> Option<Way> {
    let (x, y) = heading(city, street);
    let ahead = match compass {
        "n" => y,
        "s" => -y,
        "e" => x,
        "o" => -x,
        _ => return None,
    };
    Some(if ahead >= 0.0 { Way::Forward } else { Way::Backward })
}

/// From a street's first point to its last, metres to the east and north.
fn heading(city: &City, street: usize) -> (f64, f64) {
    let line = &city.territory.network.links[street].geometry;
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return (0.0, 0.0);
    };
    let [x, y] = Projection::around(*first).project(*last);
    (x, y)
}

/// Where a way of a street leads, in words: "verso nord-est".
pub fn direction(city: &City, street: usize, way: Way) -> (&'static str, &'static str) {
    const WORDS: [(&str, &str); 8] = [
        ("verso est", "eastbound"),
        ("verso nord-est", "north-eastbound"),
        ("verso nord", "northbound"),
        ("verso nord-ovest", "north-westbound"),
        ("verso ovest", "westbound"),
        ("verso sud-ovest", "south-westbound"),
        ("verso sud", "southbound"),
        ("verso sud-est", "south-eastbound"),
    ];
    let (x, y) = heading(city, street);
    let (x, y) = if way == Way::Forward { (x, y) } else { (-x, -y) };
    let eighths = (y.atan2(x) / std::f64::consts::FRAC_PI_4).round() as i64;
    WORDS[eighths.rem_euclid(8) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_back_its_changes() {
        let close = |street: &str| Change::Close {
            street: street.into(),
            ways: Ways::Both,
        };
        let changes = vec![
            close("s1"),
            close("w2-0"),
            Change::Capacity {
                street: "s3".into(),
                ways: Ways::Forward,
                percent: 50.0,
            },
            Change::Speed {
                street: "s4".into(),
                ways: Ways::Both,
                kmh: 30.0,
            },
            Change::OneWay {
                street: "s5".into(),
                way: Way::Backward,
            },
            Change::BanTurn {
                from: "s6".into(),
                to: "s7".into(),
            },
        ];
        let text = write(&changes);
        assert_eq!(
            text,
            "close:both:s1,w2-0;capacity:forward:50:s3;speed:both:30:s4;one-way:backward:s5;ban-turn:s6:s7"
        );
        assert_eq!(read(&text), changes);
        assert_eq!(read("close:both:s1;nonsense;speed:both:x:s2;:;,"), [close("s1")]);
    }
}
