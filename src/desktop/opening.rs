//! Opening files, folders and links with the programs the desktop has for them.

use std::path::{Path, absolute};

use crate::SystemDesktop;

/// Why something was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not a kind of link that may leave the program.
    #[error("not a web or mail link")]
    NotAllowed,
    /// No such file or folder.
    #[error("not there: {0}")]
    NotThere(String),
    /// The desktop has no program for it, or would not start it.
    #[error("the desktop did not open it: {0}")]
    Desktop(#[from] std::io::Error),
}

/// Opens things outside the program.
pub trait Opening {
    /// Opens a file the program made (a private copy of an attachment).
    ///
    /// # Errors
    /// [`OpenError`] says why not.
    fn open_file(&self, path: &Path) -> Result<(), OpenError>;

    /// Opens a link: only `http`, `https` and `mailto`.
    ///
    /// # Errors
    /// [`OpenError::NotAllowed`] for every other scheme.
    fn open_url(&self, url: &str) -> Result<(), OpenError>;

    /// Shows a folder.
    ///
    /// # Errors
    /// [`OpenError`] says why not.
    fn open_folder(&self, path: &Path) -> Result<(), OpenError>;
}

// Paths are made absolute, so that none can pass for an option; not canonical, because the shell of Windows does not
// understand the `\\?\` that stands before a canonical path there.
impl Opening for SystemDesktop {
    fn open_file(&self, path: &Path) -> Result<(), OpenError> {
        if !path.is_file() {
            return Err(OpenError::NotThere(path.display().to_string()));
        }
        Ok(open::that_detached(absolute(path)?)?)
    }

    fn open_url(&self, url: &str) -> Result<(), OpenError> {
        if !is_allowed(url) {
            return Err(OpenError::NotAllowed);
        }
        Ok(open::that_detached(url)?)
    }

    fn open_folder(&self, path: &Path) -> Result<(), OpenError> {
        if !path.is_dir() {
            return Err(OpenError::NotThere(path.display().to_string()));
        }
        Ok(open::that_detached(absolute(path)?)?)
    }
}

/// Whether a link may be handed to the desktop. Control characters and spaces have no place in one (RFC 3986 §2) and
/// could pass for further arguments somewhere on the way.
fn is_allowed(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    let known = ["http", "https", "mailto"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let web = !scheme.eq_ignore_ascii_case("mailto");
    known
        && (!web || rest.starts_with("//"))
        && rest.len() > 2
        && !url.contains(|c: char| c.is_control() || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_links_leave_the_program() {
        for good in [
            "https://dichvucong.gov.vn/?a=1&b=2",
            "HTTP://a.vn",
            "mailto:nva@quynhon.gov.vn",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        let bad = [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "C:\\Windows\\a.exe",
            "https:a",
            "smb://x/y",
            "",
            "-x",
        ];
        for bad in bad
            .into_iter()
            .chain(["https://a.vn/ --flag", "https://a.vn/\n", "ms-msdt:/id"])
        {
            assert!(!is_allowed(bad), "{bad}");
            assert!(matches!(
                SystemDesktop.open_url(bad),
                Err(OpenError::NotAllowed)
            ));
        }
    }

    #[test]
    fn what_is_not_there_is_not_opened() {
        let nowhere = std::env::temp_dir().join("thucongvu-no-such-thing");
        assert!(matches!(
            SystemDesktop.open_file(&nowhere),
            Err(OpenError::NotThere(_))
        ));
        assert!(matches!(
            SystemDesktop.open_file(&std::env::temp_dir()),
            Err(OpenError::NotThere(_))
        ));
        assert!(matches!(
            SystemDesktop.open_folder(&nowhere),
            Err(OpenError::NotThere(_))
        ));
    }
}
