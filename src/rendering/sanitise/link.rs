//! Which link targets stay.

/// Longer targets are dropped: no server takes them, and no reader can judge them.
const LONGEST: usize = 8 * 1024;

/// The target to keep of an `href`: http, https, mailto and tel, without the line breaks and control characters
/// that browsers ignore (URL standard, 4.4) and that else hide `java\nscript:`.
pub(super) fn target(href: &str) -> Option<String> {
    let clean: String = href.chars().filter(|c| !c.is_control()).collect();
    let clean = clean.trim();
    if clean.len() > LONGEST {
        return None;
    }
    if let Some(rest) = clean.strip_prefix("//") {
        return (!rest.is_empty()).then(|| format!("https://{rest}"));
    }
    let (scheme, rest) = clean.split_once(':')?;
    let names_host = || rest.strip_prefix("//").is_some_and(|host| !host.is_empty());
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" if names_host() => Some(clean.to_owned()),
        "mailto" | "tel" if !rest.is_empty() => Some(clean.to_owned()),
        _ => None,
    }
}
