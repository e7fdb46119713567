//! `folders`, `list`, `search`: what lies in the mailbox, as the local store knows it.

use std::time::Instant;

use serde_json::{Value, json};
use tcv_domain::address::Address;
use tcv_domain::folder::Folder;
use tcv_domain::message::{Flags, MessageId, MessageRow};
use tcv_engine::{Filter, PageRequest, Result, SearchRequest, SortBy};
use tcv_words::Words;

use super::args::{FilterArg, ListArgs, SearchArgs, SortArg};
use super::folder_name::role_name;
use super::moment::iso;
use super::output::{Console, Reply};
use super::session::Session;

/// Hits counted before the first page is answered.
const COUNTED_AT_ONCE: usize = 1_000;

/// Columns a name takes in a listing.
const NAME_WIDTH: usize = 28;

pub async fn folders(session: &Session, account: Option<&str>, console: &Console) -> Result<Reply> {
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for account in session.accounts(account, console.words()).await? {
        let address = &account.identity.address;
        lines.push(address.clone());
        for folder in session.engine.folders(account.id).await? {
            lines.push(folder_text(&folder, console.words()));
            rows.push(json!({
                "name": folder.name,
                "role": folder.role.map(role_name),
                "total": folder.total,
                "unread": folder.unread,
                "uidvalidity": folder.uidvalidity,
                "selectable": folder.selectable,
                "account": address,
            }));
        }
    }
    Ok(Reply::done(rows.into(), lines.join("\n")))
}

fn folder_text(folder: &Folder, words: &Words) -> String {
    let counts = words.with(
        "cli-folder-counts",
        &[
            ("total", folder.total.into()),
            ("unread", folder.unread.into()),
        ],
    );
    format!("  {}  {counts}", padded(&folder.name, NAME_WIDTH))
}

pub async fn list(session: &Session, args: &ListArgs, console: &Console) -> Result<Reply> {
    let words = console.words();
    let accounts = session
        .accounts(args.within.account.as_deref(), words)
        .await?;
    let folder = session.folder(&args.folder, &accounts, words).await?;
    let request = PageRequest {
        folder: folder.id,
        by: sort_by(args.sort),
        reversed: args.reverse,
        filter: filter(args),
        after: args.after.map(MessageId),
        offset: args.offset,
        limit: args.limit,
    };
    let page = session.engine.page(request).await?;
    let mut lines: Vec<_> = page
        .rows
        .iter()
        .map(|row| row_text(session, row, words))
        .collect();
    let shown = [
        ("shown", page.rows.len().into()),
        ("total", page.total.into()),
    ];
    lines.push(words.with("cli-list-count", &shown));
    Ok(Reply::done(
        page.rows.iter().map(row_json).collect(),
        lines.join("\n"),
    ))
}

const fn sort_by(sort: SortArg) -> SortBy {
    match sort {
        SortArg::Date => SortBy::Date,
        SortArg::Sender => SortBy::Sender,
        SortArg::Subject => SortBy::Subject,
        SortArg::Size => SortBy::Size,
    }
}

const fn filter(args: &ListArgs) -> Filter {
    match args.filter {
        None if args.unread => Filter::Unread,
        None => Filter::All,
        Some(FilterArg::Unread) => Filter::Unread,
        Some(FilterArg::Flagged) => Filter::Flagged,
        Some(FilterArg::Attachments) => Filter::Attachments,
        Some(FilterArg::Waiting) => Filter::Waiting,
    }
}

pub async fn search(session: &Session, args: &SearchArgs, console: &Console) -> Result<Reply> {
    let words = console.words();
    let account = match &args.within.account {
        Some(address) => Some(session.account(address, words).await?.id),
        None => None,
    };
    let mut request = SearchRequest {
        text: args.query.join(" "),
        typing: false,
        account,
        limit: args.limit,
        count_to: COUNTED_AT_ONCE,
    };
    let begin = Instant::now();
    let mut hits = session.engine.search(request.clone()).await?;
    let milliseconds = (begin.elapsed().as_secs_f64() * 1e4).round() / 10.0;
    if hits.more {
        // Scripts want the number itself; people have their page by then.
        request.limit = 0;
        request.count_to = usize::MAX;
        hits.total = session.engine.search(request).await?.total;
    }
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for hit in &hits.hits {
        lines.push(row_text(session, &hit.row, words));
        if !hit.snippet.is_empty() {
            let within = hit.attachment.iter().map(|name| format!("{name}: "));
            lines.push(format!(
                "        {}{}",
                within.collect::<String>(),
                hit.snippet
            ));
        }
        let mut row = row_json(&hit.row);
        row["snippet"] = json!(hit.snippet);
        row["attachment"] = json!(hit.attachment);
        rows.push(row);
    }
    lines.push(words.with("cli-search-count", &[("total", hits.total.into())]));
    let document = json!({ "total": hits.total, "hits": rows, "milliseconds": milliseconds });
    Ok(Reply::done(document, lines.join("\n")))
}

/// A row of a list for programs.
pub fn row_json(row: &MessageRow) -> Value {
    json!({
        "id": row.id,
        "uid": row.uid,
        "message_id": row.message_id,
        "date": iso(row.date),
        "from": addresses_json(&row.from),
        "to": addresses_json(&row.to),
        "subject": row.subject,
        "flags": row.flags.imap_names().collect::<Vec<_>>(),
        "size": row.size,
        "has_attachments": row.has_attachments,
        "preview": row.preview,
        "conversation": row.conversation,
    })
}

/// Addresses for programs.
pub fn addresses_json(addresses: &[Address]) -> Value {
    addresses
        .iter()
        .map(|address| json!({ "name": address.name, "address": address.address }))
        .collect()
}

fn row_text(session: &Session, row: &MessageRow, words: &Words) -> String {
    let clock = session.engine.clock();
    let date = words.short_date(clock.local(clock.now()), clock.local(row.date));
    let mark = |flag, sign| if row.flags.contains(flag) { ' ' } else { sign };
    let unread = mark(Flags::SEEN, '●');
    let starred = if row.flags.contains(Flags::FLAGGED) {
        '★'
    } else {
        ' '
    };
    let clip = if row.has_attachments { '+' } else { ' ' };
    let from = row.from.first().map(Address::display).unwrap_or_default();
    let (date, from) = (padded(&date, 10), padded(from, NAME_WIDTH));
    format!(
        "{:>6} {unread}{starred}{clip} {date} {from} {}",
        row.id.0, row.subject
    )
}

/// A text cut or filled to a number of characters.
fn padded(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return format!("{text}{}", " ".repeat(width - length));
    }
    let cut: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        assert_eq!(padded("Sở", 4), "Sở  ");
        assert_eq!(padded("Sở Nội vụ", 5), "Sở N…");
    }
}
