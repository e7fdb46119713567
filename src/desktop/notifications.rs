//! Notifications of the desktop (the freedesktop notification service on Linux, toasts on Windows).

use notify_rust::{Notification, NotificationResponse};

use crate::SystemDesktop;

/// What happens when the user clicks on a notification. Called on a thread of its own.
pub type OnClick = Box<dyn FnOnce() + Send>;

/// Shows notifications.
pub trait Notifications {
    /// Shows a notification and returns at once. Where the desktop has no place for it (no session bus, a Windows
    /// without toasts) it is dropped with a line in the log: the window shows the same fact.
    fn notify(&self, title: &str, body: &str, on_click: OnClick);
}

/// The action a click on the notification itself stands for (Desktop Notifications Specification, "Actions").
const DEFAULT_ACTION: &str = "default";

impl Notifications for SystemDesktop {
    fn notify(&self, title: &str, body: &str, on_click: OnClick) {
        let mut notification = Notification::new();
        notification
            .appname("Thư Công Vụ")
            .summary(title)
            .body(&escaped(body))
            .icon("thucongvu");
        // Windows makes a button of every action; a click on the toast needs none there.
        if cfg!(not(windows)) {
            notification.action(DEFAULT_ACTION, title);
        }
        // The service may take its time or never answer, and waiting for the click blocks: both on a thread.
        let work = move || {
            let answered = notification.show().and_then(|handle| {
                // Not `wait_for_action`: on Windows it takes the click on the toast for a dismissal.
                handle.wait_for_response(|response: &NotificationResponse| {
                    if response.is_default_action() {
                        on_click();
                    }
                })
            });
            if let Err(error) = answered {
                tracing::warn!(%error, "the desktop showed no notification");
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("notification".into())
            .spawn(work)
        {
            tracing::warn!(%error, "no thread for a notification");
        }
    }
}

/// The specification lets services read a subset of HTML in the body; ours is plain text.
fn escaped(body: &str) -> String {
    if cfg!(windows) {
        return body.to_owned();
    }
    body.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_not_markup() {
        assert_eq!(escaped("<b>A & B</b>"), "&lt;b&gt;A &amp; B&lt;/b&gt;");
    }
}
