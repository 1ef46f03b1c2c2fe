//! Finds the line of something that reads well but is wrong, so that the message can name it.

/// Line (from 1) of the first `key = "value"` at or after a line.
pub fn of_value(text: &str, key: &str, value: &str, from: usize) -> Option<usize> {
    let quoted = format!("\"{value}\"");
    text.lines()
        .enumerate()
        .skip(from.saturating_sub(1))
        .find_map(|(index, line)| {
            let (name, rest) = line.split_once('=')?;
            (name.trim() == key && (rest.contains(&quoted) || rest.trim() == value)).then_some(index + 1)
        })
}

/// Line of the record whose `id` is this.
pub fn of_record(text: &str, id: &str) -> Option<usize> {
    of_value(text, "id", id, 1)
}

/// Line of a field within the record whose `id` is this, or of the record.
pub fn of_field(text: &str, id: &str, key: &str) -> Option<usize> {
    let start = of_record(text, id)?;
    let within = text
        .lines()
        .enumerate()
        .skip(start)
        .take_while(|(_, line)| !line.trim_start().starts_with("[["));
    let found = within
        .filter(|(_, line)| line.split('=').next().is_some_and(|name| name.trim() == key))
        .map(|(n, _)| n + 1)
        .next();
    found.or(Some(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_line_of_the_field() {
        let text = "[[event]]\nid = \"a\"\nplace = \"x\"\n\n[[event]]\nid = \"b\"\nplace = \"x\"\n";
        assert_eq!(of_field(text, "b", "place"), Some(7));
        assert_eq!(of_field(text, "a", "entities"), Some(2));
        assert_eq!(of_record(text, "c"), None);
    }
}
