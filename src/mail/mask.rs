//! Taking mail addresses out of a server's words, for the journal: what a relay answers names the recipient.

/// `words` with each address without the part before its `@`: the domain is what an operator looks for.
///
/// ```
/// let words = "550 5.1.1 <amara.okafor@example.org>: unknown";
/// assert_eq!(stepdown::mail::without_addresses(words), "550 5.1.1 <…@example.org>: unknown");
/// ```
#[must_use]
pub fn without_addresses(words: &str) -> String {
    let mut parts = words.split('@').peekable();
    let mut masked = String::with_capacity(words.len());
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            masked.push_str(part);
            break;
        }
        // RFC 5321, 4.1.2: a quoted local part may hold anything, so that it goes from its first quotation mark on.
        let quoted = part.strip_suffix('"').and_then(|quoted| quoted.rfind('"'));
        let is_outside = |c: char| c.is_whitespace() || "<>()[]{},;:\"'".contains(c);
        let local = quoted.unwrap_or_else(|| part.rfind(is_outside).map_or(0, |at| at + outside(part, at)));
        masked.push_str(&part[..local]);
        masked.push_str("…@");
    }
    masked
}

/// How long the character at `at` is.
fn outside(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::without_addresses;

    #[test]
    fn no_local_part_is_left() {
        for (words, masked) in [
            ("", ""),
            ("queued as 4711", "queued as 4711"),
            ("<a.b@example.org> and to:c+d@example.net.", "<…@example.org> and to:…@example.net."),
            ("\"Amara Okafor\"@example.org", "…@example.org"),
            ("550 \"x y\"@example.org refused", "550 …@example.org refused"),
            ("ü@ä@ö", "…@…@ö"),
        ] {
            assert_eq!(without_addresses(words), masked);
        }
    }
}
