//! Where to join a meeting from afar: web addresses in the places programs put them.

/// Hosts of meetings, to tell their addresses from others in a description.
const HOSTS: [&str; 10] = [
    "teams.microsoft.com",
    "teams.live.com",
    "meet.google.com",
    "zoom.us",
    "zoom.com",
    "webex.com",
    "gotomeeting.com",
    "whereby.com",
    "meet.jit.si",
    "trueconf.com",
];

/// No address of a meeting is longer.
const LONGEST: usize = 2048;

/// The first web address in a text.
pub(super) fn first_in(text: &str) -> Option<String> {
    all_in(text).next()
}

/// The first that leads to a host of meetings.
pub(super) fn of_meeting_in(text: &str) -> Option<String> {
    all_in(text).find(|address| is_meeting(address))
}

fn all_in(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    words.filter_map(|word| {
        let at = word.find("https://").or_else(|| word.find("http://"))?;
        let address = word.get(at..)?.trim_end_matches(['.', ',', ';', ')', ']']);
        let (_, rest) = address.split_once("://")?;
        (!rest.is_empty() && address.len() <= LONGEST).then(|| address.to_owned())
    })
}

fn is_meeting(address: &str) -> bool {
    let host = address.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.to_lowercase();
    let known = |known: &&str| host == **known || host.ends_with(&format!(".{known}"));
    HOSTS.iter().any(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_meetings() {
        for (text, found) in [
            (
                "Tham gia: https://teams.microsoft.com/l/1%20a.",
                Some("https://teams.microsoft.com/l/1%20a"),
            ),
            ("<https://x.zoom.us/j/1>", Some("https://x.zoom.us/j/1")),
            ("xem https://evil.example/zoom.us", None),
            ("https://zoom.us.evil.example/", None),
            ("javascript:alert(1) https://", None),
        ] {
            assert_eq!(of_meeting_in(text).as_deref(), found, "{text}");
        }
        assert_eq!(
            first_in("Phòng 2 (https://hop.x.gov.vn/a)").as_deref(),
            Some("https://hop.x.gov.vn/a")
        );
    }
}
