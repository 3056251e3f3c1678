//! One `GET` over HTTP/1.0: the server closes the connection after its answer, so neither lengths
//! nor chunks have to be understood. (RFC 1945)

use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::CountersError;

/// 16 384 connections of a trial with the most publishers take about 10 MB.
const LONGEST_BYTES: u64 = 64 << 20;

/// The JSON at a path of NATS's monitoring.
pub(super) async fn get<T: DeserializeOwned>(
    (host, port): &(String, u16),
    path: &str,
) -> Result<T, CountersError> {
    let failed = |reason: String| CountersError::Unreadable {
        what: path.split('?').next().unwrap_or(path).to_owned(),
        address: format!("{host}:{port}"),
        reason,
    };
    let answer = exchange(host, *port, path)
        .await
        .map_err(|error| failed(error.to_string()))?;
    let body = body(&answer).map_err(failed)?;
    serde_json::from_slice(body).map_err(|error| failed(format!("it answers no JSON: {error}")))
}

async fn exchange(host: &str, port: u16, path: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((host, port)).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST_BYTES).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The body of an answer with status 200.
fn body(answer: &[u8]) -> Result<&[u8], String> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let status = answer.split(|byte| *byte == b'\r').next().unwrap_or(answer);
    let status = String::from_utf8_lossy(&status[..status.len().min(60)]).into_owned();
    match (status.split(' ').nth(1), end) {
        (Some("200"), Some(end)) if status.starts_with("HTTP/") => Ok(&answer[end + 4..]),
        (Some(_), Some(_)) if status.starts_with("HTTP/") => Err(format!("it answers `{status}`")),
        _ => Err("it does not speak HTTP".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn only_a_whole_answer_with_status_200_has_a_body() {
        let check = |answer: &str, expected: Result<&str, &str>| {
            let found = body(answer.as_bytes());
            let expected = expected.map(str::as_bytes).map_err(str::to_owned);
            assert_eq!(found, expected, "{answer:?}");
        };
        check("HTTP/1.0 200 OK\r\nA: b\r\n\r\n{}", Ok("{}"));
        check("HTTP/1.1 200 OK\r\n\r\n", Ok(""));
        check(
            "HTTP/1.0 404 Not Found\r\n\r\nno",
            Err("it answers `HTTP/1.0 404 Not Found`"),
        );
        for foreign in [
            "",
            "HTTP/1.0 200 OK",
            "INFO {}\r\n\r\n",
            "-ERR 200 x\r\n\r\n",
        ] {
            check(foreign, Err("it does not speak HTTP"));
        }
    }
}
