//! What a message is beyond its text, for `show` and `parse`: what speaks against its sender, its
//! invitation, its report. Found by the engine for a message of a mailbox; of a file, here.

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tcv_domain::address::Address;
use tcv_domain::invitation::{self, Event, Invitation, Moment};
use tcv_domain::mime::{self, Content};
use tcv_domain::report::{self, Report};
use tcv_domain::trust::{self, Circumstances, Finding, Level};
use tcv_engine::{Calling, Clock as _, Insight, LoadedProfile, Result, SystemClock};
use tcv_words::Words;

use super::mailbox::addresses_json;
use super::moment::iso;

/// The insight into a file, by the machine's profile. `mailbox` is whose mail it is, if that is
/// said: only then is it known which server's checks count.
pub fn of_file(
    raw: &[u8],
    content: &Content,
    profile: &LoadedProfile,
    mailbox: Option<&str>,
) -> Result<Insight> {
    let settings = &profile.profile;
    let own: Vec<Address> = match mailbox {
        Some(address) => vec![Address::bare(address)],
        // Whoever it is, they are of the agency.
        None => settings
            .own_domains
            .iter()
            .map(|domain| Address::bare(format!("@{domain}")))
            .collect(),
    };
    let named = settings.servers.values();
    let servers: Vec<String> = named
        .flat_map(|servers| [&servers.imap, &servers.smtp])
        .flatten()
        .map(|server| server.host.clone())
        .collect();
    let around = Circumstances {
        policy: &profile.policy()?,
        own: &own,
        servers: &servers,
        agency: settings.agency.as_deref(),
        acquaintance: None,
    };
    let zones = |name: &str| TimeZone::get(name).ok();
    Ok(Insight {
        judgement: trust::judge(&mime::headers(raw), content, &around),
        invitation: invitation::read(raw, content, &zones),
        report: report::read(raw, content),
        reported: None,
        receipt_wanted_by: report::receipt_wanted_by(raw),
        ..Insight::default()
    })
}

/// Adds what is known to the document of a message.
pub fn add_json(document: &mut Value, insight: &Insight, words: &Words) {
    let findings = insight.judgement.findings.iter();
    document["verdicts"] = findings
        .map(|finding| finding_json(finding, words))
        .collect();
    document["trust"] = json!(insight.judgement.level());
    document["invitation"] = insight
        .invitation
        .as_ref()
        .map_or(Value::Null, |invitation| invitation_json(invitation, words));
    document["report"] = insight
        .report
        .as_ref()
        .map_or(Value::Null, |report| report_json(report, insight, words));
    document["receipt_wanted_by"] = addresses_json(&insight.receipt_wanted_by);
    if insight.report.is_some() {
        document["report"]["backscatter"] = json!(insight.backscatter);
    }
    if let Some(calling) = &insight.calling {
        add_calling(&mut document["invitation"], calling);
    }
}

/// The lines above a message's text.
pub fn lines(insight: &Insight, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in insight.judgement.warnings() {
        let said = words.finding(finding);
        let mark = match finding.level {
            Level::Danger => "!!",
            _ => "!",
        };
        lines.push(format!("{mark} {} {}", said.sentence, said.advice));
    }
    if let Some(report) = &insight.report {
        for said in words.report(report) {
            lines.push(
                format!("{} {}", said.sentence, said.advice)
                    .trim_end()
                    .to_owned(),
            );
        }
        let subject = &report.original().subject;
        if !subject.is_empty() {
            lines.push(words.with("report-original", &[("subject", subject.into())]));
        }
    }
    if let Some(invitation) = &insight.invitation {
        lines.extend(invitation_lines(invitation, words));
    }
    if !insight.receipt_wanted_by.is_empty() {
        lines.push(words.text("receipt-wanted"));
    }
    lines
}

/// What this mailbox knows of an invitation besides what it says.
fn add_calling(document: &mut Value, calling: &Calling) {
    let answered = calling.answered.as_ref();
    document["standing"] = json!(calling.standing);
    document["answered"] = answered.map_or(
        Value::Null,
        |one| json!({ "answer": one.answer.id(), "at": iso(one.at), "state": one.state }),
    );
    let heard = calling.heard.iter();
    document["heard"] = heard
        .map(|(who, attendance)| json!({ "address": who.address, "attendance": attendance }))
        .collect();
}

fn finding_json(finding: &Finding, words: &Words) -> Value {
    let said = words.finding(finding);
    json!({
        "rule": finding.sign,
        "severity": finding.level,
        "evidence": finding.evidence,
        "other": finding.other,
        "sentence": said.sentence,
        "advice": said.advice,
    })
}

fn report_json(report: &Report, insight: &Insight, words: &Words) -> Value {
    let mut document = json!(report);
    let sentences = words.report(report).into_iter();
    document["sentences"] = sentences.map(|said| json!(said.sentence)).collect();
    document["reported"] = json!(insight.reported);
    document
}

fn invitation_json(invitation: &Invitation, words: &Words) -> Value {
    let events: Vec<Value> = invitation
        .events
        .iter()
        .map(|event| event_json(event, words))
        .collect();
    json!({
        "method": invitation.method,
        "attachment": invitation.attachment,
        "events": events,
    })
}

fn event_json(event: &Event, words: &Words) -> Value {
    let attendees: Vec<Value> = event
        .attendees
        .iter()
        .map(|who| {
            json!({
                "name": who.address.name,
                "address": who.address.address,
                "attendance": who.attendance,
                "optional": who.optional,
            })
        })
        .collect();
    let organizer = event.organizer.as_ref();
    json!({
        "uid": event.uid,
        "sequence": event.sequence,
        "summary": event.summary,
        "location": event.location,
        "description": event.description,
        "organizer": organizer.map(|who| json!({ "name": who.name, "address": who.address })),
        "attendees": attendees,
        "start": event.start.as_ref().map(moment),
        "end": event.end.as_ref().map(moment),
        "all_day": matches!(event.start, Some(Moment::Day(_))),
        "recurrence_id": event.recurrence_id,
        "link": event.link,
        "repeats": event.repeat.as_ref().map(|repeat| words.repeat(repeat)),
        "cancelled": event.cancelled,
        "time": time(event, words),
    })
}

/// With an offset where the moment is known, without where it is local time.
fn moment(moment: &Moment) -> String {
    match moment {
        Moment::Day(day) => day.to_string(),
        Moment::At(moment) => iso(*moment),
        Moment::Local(time) => time.to_string(),
    }
}

fn time(event: &Event, words: &Words) -> String {
    words.event_time(event, &|moment| SystemClock.local(moment))
}

fn invitation_lines(invitation: &Invitation, words: &Words) -> Vec<String> {
    let mut lines = vec![words.text(invitation.heading())];
    for event in &invitation.events {
        let mut line = format!("  {} · {}", event.summary, time(event, words));
        for part in [&event.location.replace('\n', ", ")] {
            if !part.is_empty() {
                line.push_str(&format!(" · {part}"));
            }
        }
        if let Some(repeat) = &event.repeat {
            line.push_str(&format!(" · {}", words.repeat(repeat)));
        }
        lines.push(line);
    }
    lines
}
