//! A recorder that tests can read.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use sockeye_server::{Server, ServerBuilder};

/// Figures by name and labels, as in `name{label=value}`; histograms as `name_count` and `name_sum`.
#[derive(Clone, Default)]
pub(crate) struct Figures(Arc<Mutex<BTreeMap<String, f64>>>);

/// One of them.
struct Figure {
    all: Figures,
    name: String,
    labels: String,
}

impl Figures {
    /// A server that tells these.
    pub(crate) fn build(&self, server: ServerBuilder) -> Server {
        metrics::with_local_recorder(self, || server.build())
    }

    /// One of them, which has to be known.
    pub(crate) fn of(&self, figure: &str) -> f64 {
        let figures = self.0.lock().unwrap();
        *figures.get(figure).unwrap_or_else(|| panic!("no {figure} in {figures:#?}"))
    }

    pub(crate) fn are_none(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }

    fn figure(&self, key: &Key) -> Arc<Figure> {
        let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
        let labels = labels.collect::<Vec<_>>().join(",");
        let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
        Arc::new(Figure { all: self.clone(), name: key.name().to_owned(), labels })
    }
}

impl Figure {
    fn known(self: Arc<Self>) -> Arc<Self> {
        self.add("", 0.0);
        self
    }

    fn add(&self, suffix: &str, value: f64) {
        let key = format!("{}{suffix}{}", self.name, self.labels);
        *self.all.0.lock().unwrap().entry(key).or_default() += value;
    }
}

impl Recorder for Figures {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.figure(key).known())
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.figure(key).known())
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.figure(key))
    }
}

impl CounterFn for Figure {
    fn increment(&self, value: u64) {
        self.add("", f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, _: u64) {
        unimplemented!("no counter is set");
    }
}

impl GaugeFn for Figure {
    fn increment(&self, value: f64) {
        self.add("", value);
    }

    fn decrement(&self, value: f64) {
        self.add("", -value);
    }

    fn set(&self, _: f64) {
        unimplemented!("gauges are shared");
    }
}

impl HistogramFn for Figure {
    fn record(&self, value: f64) {
        self.add("_count", 1.0);
        self.add("_sum", value);
    }
}
