//! A message's way out of one service and into another, without a bus between them.

use std::borrow::Cow;
use std::error::Error;
use std::hint::black_box;

use busbench_envelope::codec::{self, EventEncoder};
use busbench_envelope::native::nats;
use busbench_envelope::{AddEventRequest, Encoding, Envelope, Layout, Payload, PayloadSpec};
use busbench_envelope::{Stamp, generate, topic};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// As long as those of the reference figures: 85 characters.
pub(crate) const TOPIC: &str =
    "edgex/events/device/device-virtual/Random-Integer-Device/Random-Integer-Device/Int16x";
/// [`TOPIC`] on NATS.
pub(crate) const SUBJECT: &str =
    "edgex.events.device.device-virtual.Random-Integer-Device.Random-Integer-Device.Int16x";
const _: () = assert!(TOPIC.len() == 85 && SUBJECT.len() == 85);

const CORRELATION_ID: &str = Stamp::PLACEHOLDER;
const RAW_CONTENT_TYPE: &str = "application/octet-stream";

/// Whatever stops a message; it never happens while measuring.
pub(crate) type Failure = Box<dyn Error>;

/// A layout, and who carries its attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Json,
    JsonBase64,
    Cbor,
    Nats,
    /// Native on NATS, the event in CBOR.
    NatsCbor,
}

/// What a message carries.
pub(crate) enum Content {
    /// Pseudo-random bytes.
    Raw { bytes: usize },
    /// A generated event.
    Event { spec: &'static str },
}

impl Way {
    pub(crate) const ALL: [Self; 5] = [
        Self::Json,
        Self::JsonBase64,
        Self::Cbor,
        Self::Nats,
        Self::NatsCbor,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonBase64 => "json-base64",
            Self::Cbor => "cbor",
            Self::Nats => "native-nats",
            Self::NatsCbor => "native-nats-cbor",
        }
    }

    const fn layout(self) -> Layout {
        match self {
            Self::Json => Layout::Json,
            Self::JsonBase64 => Layout::JsonBase64,
            Self::Cbor => Layout::Cbor,
            Self::Nats | Self::NatsCbor => Layout::Native,
        }
    }

    const fn encoding(self) -> Encoding {
        match self {
            Self::Json | Self::JsonBase64 | Self::Nats => Encoding::Json,
            Self::Cbor | Self::NatsCbor => Encoding::Cbor,
        }
    }
}

enum Loaded {
    Raw(Vec<u8>),
    Event(Box<AddEventRequest<'static>>),
}

/// Writes one message again and again, keeping its buffers.
pub(crate) struct Sender {
    way: Way,
    loaded: Loaded,
    encoder: EventEncoder,
    body: Vec<u8>,
    outgoing: Vec<u8>,
}

impl Sender {
    pub(crate) fn new(way: Way, content: &Content) -> Result<Self, Failure> {
        let loaded = match content {
            Content::Raw { bytes } => {
                let mut raw = vec![0; *bytes];
                ChaCha8Rng::seed_from_u64(1).fill_bytes(&mut raw);
                Loaded::Raw(raw)
            }
            Content::Event { spec } => {
                let spec: PayloadSpec = spec.parse()?;
                Loaded::Event(Box::new(generate(&spec, 1, 0)))
            }
        };
        Ok(Self {
            way,
            loaded,
            encoder: EventEncoder::default(),
            body: Vec::new(),
            outgoing: Vec::new(),
        })
    }

    /// What [`Receiver::decode`] gives for this message.
    pub(crate) fn size(&self) -> usize {
        match &self.loaded {
            Loaded::Raw(bytes) => bytes.len(),
            Loaded::Event(request) => request.event.readings.len(),
        }
    }

    /// The message as it leaves: 4 bytes with the length of the headers, headers, body.
    pub(crate) fn encode(&mut self) -> Result<&[u8], Failure> {
        let layout = self.way.layout();
        let content_type = match self.loaded {
            Loaded::Raw(_) => RAW_CONTENT_TYPE,
            Loaded::Event(_) => self.way.encoding().content_type(),
        };
        let envelope = Envelope::of_event(CORRELATION_ID, content_type);
        self.body.clear();
        let body = match &self.loaded {
            Loaded::Raw(bytes) if layout == Layout::Native => bytes,
            Loaded::Raw(bytes) => {
                let payload = Payload::Bytes(Cow::Borrowed(bytes));
                codec::encode(layout, &envelope, &payload, &mut self.body)?;
                &self.body
            }
            Loaded::Event(request) if layout == Layout::Native => {
                request.encode(self.way.encoding(), &mut self.body)?;
                &self.body
            }
            Loaded::Event(request) => {
                self.encoder
                    .encode(layout, &envelope, request, &mut self.body)?;
                &self.body
            }
        };
        self.outgoing.clear();
        let headers = match self.way {
            Way::Json | Way::JsonBase64 | Way::Cbor => Vec::new(),
            Way::Nats | Way::NatsCbor => {
                black_box(topic::nats_subject(TOPIC));
                nats::block(&nats::fields(&envelope))
            }
        };
        let length = u32::try_from(headers.len())?;
        self.outgoing.extend_from_slice(&length.to_be_bytes());
        self.outgoing.extend_from_slice(&headers);
        self.outgoing.extend_from_slice(body);
        Ok(&self.outgoing)
    }
}

/// Reads messages.
pub(crate) struct Receiver {
    way: Way,
    raw: bool,
}

impl Receiver {
    pub(crate) fn new(way: Way, content: &Content) -> Self {
        Self {
            way,
            raw: matches!(content, Content::Raw { .. }),
        }
    }

    /// Reads what [`Sender::encode`] wrote; gives the payload's bytes, or the event's readings.
    pub(crate) fn decode(&mut self, arriving: &[u8]) -> Result<usize, Failure> {
        let arrived = arriving.to_vec();
        let (length, rest) = arrived
            .split_first_chunk()
            .ok_or("the length of the headers is missing")?;
        let (headers, body) = rest
            .split_at_checked(u32::from_be_bytes(*length) as usize)
            .ok_or("the headers are cut")?;
        let layout = self.way.layout();
        let mut message = codec::decode(layout, body)?;
        if layout == Layout::Native {
            black_box(topic::nats_topic(SUBJECT));
            message.envelope = nats::read_block(headers)?;
        }
        black_box(&message.envelope);
        let payload = message.payload.into_encoded(layout)?;
        if self.raw {
            return Ok(black_box(&*payload).len());
        }
        let request = AddEventRequest::decode(self.way.encoding(), &payload)?;
        Ok(black_box(&request).event.readings.len())
    }
}
