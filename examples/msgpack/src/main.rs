//! Measurements as MessagePack: one binary message for each packet, the samples in it as they are.
//!
//! Nothing in the handlers knows the format. A client says which one it speaks, and has to say the same:
//!
//! ```js
//! import { io } from "socket.io-client";
//! import parser from "socket.io-msgpack-parser";
//!
//! const socket = io("http://127.0.0.1:3000", { parser });
//! const { count, mean } = await socket.emitWithAck("measured", { sensor: "bow", samples: new Uint8Array([1, 2]).buffer });
//! ```

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sockeye::{Ack, Data, Msgpack, Namespace, Server, Socket};

/// What a sensor has seen.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Measurement {
    sensor: String,
    samples: Bytes,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Summary {
    count: usize,
    mean: f64,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    println!("ready: http://127.0.0.1:3000");
    server().listen("127.0.0.1:3000").await
}

fn server() -> Server {
    Server::builder().format(Msgpack).namespace(Namespace::new("/").on("measured", summarize)).build()
}

/// Shows a measurement to everybody else, and sums it up for who sent it.
async fn summarize(socket: Socket, Data(measurement): Data<Measurement>) -> Ack<Summary> {
    socket.broadcast().emit("measured", &measurement).await.ok();
    let samples = &measurement.samples;
    let sum: f64 = samples.iter().copied().map(f64::from).sum();
    #[expect(clippy::cast_precision_loss, reason = "no message has so many samples")]
    let mean = if samples.is_empty() { 0.0 } else { sum / samples.len() as f64 };
    Ack(Summary { count: samples.len(), mean })
}

#[cfg(test)]
mod tests {
    use sockeye::testing::TestClient;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_measurement_is_summed_up_and_shown_to_the_others() {
        let server = server();
        let client = || TestClient::builder().format(Msgpack).connect(&server);
        let (sensor, mut screen) = (client().await.unwrap(), client().await.unwrap());
        let measurement = Measurement { sensor: "bow".into(), samples: Bytes::from_static(&[1, 2]) };

        let summary: Summary = sensor.emit_with_ack("measured", &measurement).await;

        assert_eq!(summary, Summary { count: 2, mean: 1.5 });
        assert_eq!(screen.receive::<Measurement>("measured").await, measurement);
    }
}
