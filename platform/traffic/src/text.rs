//! Small texts that several rooms write.

/// A field of a CSV line, quoted where needed. A leading sign that spreadsheets take for a formula is defused.
pub fn csv_field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_needed() {
        assert_eq!(csv_field("Via Roma"), "Via Roma");
        assert_eq!(csv_field("Via \"x\", 3"), "\"Via \"\"x\"\", 3\"");
        assert_eq!(csv_field("=1+1"), "'=1+1");
    }
}
