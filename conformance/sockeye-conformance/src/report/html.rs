//! One page that needs nothing else: figures, then every case, what failed with its transcript.

use super::{Line, Report, Standing, escape, text};

pub(super) fn write(report: &Report) -> String {
    let figures: Vec<String> = Standing::ALL
        .iter()
        .map(|standing| {
            format!("<li class=\"{}\">{} {}</li>", class(*standing), report.count(*standing), standing.name())
        })
        .collect();
    let rows: Vec<String> = report.lines.iter().map(row).collect();
    let name = escape(&report.name);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Conformance of {name}</title>\n\
         <style>{STYLE}</style>\n<h1>Conformance of {name}</h1>\n<ul>{}</ul>\n\
         <table>\n<tr><th>case<th>level<th>result<th>what must happen\n{}</table>\n</html>\n",
        figures.concat(),
        rows.concat(),
    )
}

fn row(line: &Line) -> String {
    let outcome = &line.outcome;
    let standing = line.standing();
    let details = match standing {
        Standing::Passed => String::new(),
        Standing::LeftOut => format!("<p>{}</p>", escape(&line.why())),
        Standing::PassedUnexpectedly => format!("<p>known as: {}</p>", escape(line.known_reason())),
        Standing::KnownFailure | Standing::Failed => {
            let known = line.known.as_ref().map(|known| {
                format!("<p>{} <a href=\"{}\">why</a></p>", escape(&known.reason), escape(&known.link))
            });
            let failure = escape(&text::failure(line));
            format!(
                "{}<details><summary>{}</summary><pre>{failure}</pre></details>",
                known.unwrap_or_default(),
                escape(&line.why())
            )
        }
    };
    format!(
        "<tr id=\"{id}\" class=\"{}\"><td><a href=\"#{id}\">{id}</a><td>{}<td>{}<td>{}{details}\n",
        class(standing),
        outcome.level,
        standing.name(),
        escape(outcome.expects),
        id = escape(&outcome.id),
    )
}

fn class(standing: Standing) -> String {
    standing.name().replace(' ', "-")
}

const STYLE: &str = "body{font:15px/1.4 system-ui,sans-serif;margin:2em;max-width:80em}\
ul{display:flex;gap:1em;list-style:none;padding:0}li{padding:.3em .8em;border-radius:.3em}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3em .6em;border-top:1px solid #8884}\
pre{overflow:auto;background:#8881;padding:1em}a{color:inherit}\
.passed td:nth-child(3),li.passed{background:#2a72}.known-failure td:nth-child(3),li.known-failure{background:#da32}\
.left-out td:nth-child(3),li.left-out{background:#8882}\
.failed td:nth-child(3),li.failed,.passed-unexpectedly td:nth-child(3),li.passed-unexpectedly{background:#d333}";
