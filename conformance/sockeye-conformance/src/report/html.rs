//! One page that needs nothing else: everything in short, then what did not pass with its transcript, then every case.

use super::summary::{self, Branch};
use super::{Line, Report, Standing, escape, text};

pub(super) fn write(report: &Report) -> String {
    let name = escape(&report.name);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Conformance of {name}</title>\n<style>{STYLE}</style>\n\
         <h1>Conformance of {name}</h1>\n{}{}{}{}{}</html>\n",
        figures(report),
        branches(report),
        remarks(report),
        problems(report),
        all(report),
    )
}

fn figures(report: &Report) -> String {
    let figure = |standing: Standing| {
        format!("<li class=\"{}\">{} {}", class(standing), report.count(standing), standing.name())
    };
    let figures = Standing::ALL.map(figure).concat();
    format!("<ul class=\"figures\">{figures}<li>{:.1} s</ul>\n", report.took.as_secs_f64())
}

fn branches(report: &Report) -> String {
    let head = Standing::ALL.map(|standing| format!("<th>{}", standing.name())).concat();
    let rows: String = summary::branches(report).iter().map(branch).collect();
    format!("<div class=\"wide\"><table class=\"counts\">\n<tr><th>branch{head}\n{rows}</table></div>\n")
}

fn branch(branch: &Branch<'_>) -> String {
    let cell = |standing: Standing| match branch.count(standing) {
        0 => "<td>".to_owned(),
        count => format!("<td class=\"{}\">{count}", class(standing)),
    };
    format!("<tr><th>{}{}\n", escape(branch.name), Standing::ALL.map(cell).concat())
}

fn remarks(report: &Report) -> String {
    let reasons =
        summary::left_out(report).into_iter().map(|(feature, count)| format!("{count} for {feature}"));
    let slowest = summary::slowest(report).into_iter().map(|line| {
        let id = escape(&line.outcome.id);
        format!("<a href=\"#{id}\">{id}</a> {:.1} s", line.outcome.took.as_secs_f64())
    });
    let gone = match report.times_gone {
        0 => Vec::new(),
        _ => vec![summary::times_gone(report)],
    };
    let after = summary::brought_down(report).map(|line| format!("after {}", escape(&line.outcome.id)));
    let remark = |(head, items): (&str, Vec<String>)| match items.len() {
        0 => String::new(),
        _ => format!("<p><b>{head}</b> {}</p>\n", items.join(", ")),
    };
    [
        ("Left out:", reasons.collect()),
        ("Slowest:", slowest.collect()),
        ("Gone:", gone.into_iter().chain(after).collect()),
    ]
    .map(remark)
    .concat()
}

/// What nobody knew of stands open and before what is known.
fn problems(report: &Report) -> String {
    let of = |standing: Standing| report.lines.iter().filter(move |line| line.standing() == standing);
    let problems: String = of(Standing::Failed)
        .chain(of(Standing::PassedUnexpectedly))
        .chain(of(Standing::KnownFailure))
        .map(problem)
        .collect();
    if problems.is_empty() {
        String::new()
    } else {
        format!("<h2>What is not as it should be</h2>\n{problems}")
    }
}

fn problem(line: &Line) -> String {
    let standing = line.standing();
    let known = line
        .known
        .as_ref()
        .map(|known| format!("<p>{} <a href=\"{}\">why</a></p>", escape(&known.reason), escape(&known.link)));
    let transcript = match standing {
        Standing::PassedUnexpectedly => String::new(),
        _ => format!("<pre>{}</pre>", escape(&text::failure(line))),
    };
    format!(
        "<details{}><summary><code>{}</code> <span class=\"{}\">{}</span> {}</summary>{}{transcript}</details>\n",
        if standing == Standing::Failed { " open" } else { "" },
        escape(&line.outcome.id),
        class(standing),
        standing.name(),
        escape(line.why().lines().next().unwrap_or_default()),
        known.unwrap_or_default(),
    )
}

fn all(report: &Report) -> String {
    let rows: String = report.lines.iter().map(row).collect();
    format!(
        "<h2>Every case</h2>\n<div class=\"wide\"><table>\n\
         <tr><th>case<th>level<th>result<th>what must happen\n{rows}</table></div>\n"
    )
}

fn row(line: &Line) -> String {
    let outcome = &line.outcome;
    let standing = line.standing();
    let why = match standing {
        Standing::LeftOut => format!(" ({})", escape(&line.why())),
        _ => String::new(),
    };
    format!(
        "<tr id=\"{id}\"><td><code>{id}</code><td>{}<td class=\"{}\">{}{why}<td>{}\n",
        outcome.level,
        class(standing),
        standing.name(),
        escape(outcome.expects),
        id = escape(&outcome.id),
    )
}

fn class(standing: Standing) -> String {
    standing.name().replace(' ', "-")
}

const STYLE: &str = ":root{color-scheme:light dark}\
body{font:15px/1.45 system-ui,sans-serif;margin:1.5em auto;padding:0 1em;max-width:75em;background:Canvas;color:CanvasText}\
h1{font-size:1.4em;overflow-wrap:anywhere}h2{font-size:1.15em;margin-top:1.8em}\
.figures{display:flex;flex-wrap:wrap;gap:.6em;list-style:none;padding:0}.figures li{padding:.2em .7em;border-radius:.3em}\
.wide{overflow-x:auto}table{border-collapse:collapse}\
td,th{text-align:left;vertical-align:top;padding:.25em .6em;border-top:1px solid #8884}\
.counts td{text-align:right}code{font-size:.92em;overflow-wrap:anywhere}\
details{border-top:1px solid #8884;padding:.4em 0}summary{cursor:pointer}summary span{padding:0 .4em;border-radius:.3em}\
pre{overflow-x:auto;background:#8882;padding:.8em;font-size:.88em}a{color:inherit}\
.passed{background:#2a73}.known-failure{background:#da34}.left-out{background:#8883}\
.failed,.not-run,.passed-unexpectedly{background:#d334}";
