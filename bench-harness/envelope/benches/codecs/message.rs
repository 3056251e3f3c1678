//! A message's way out of one service and into another, without a bus between them.

use std::borrow::Cow;
use std::error::Error;
use std::hint::black_box;

use busbench_envelope::codec::{self, EventEncoder};
use busbench_envelope::{AddEventRequest, Encoding, Envelope, EventSpec, Layout, Payload};
use busbench_envelope::{Stamp, generate, topic};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::attributes::{self, Carrier};

/// As long as those of the reference figures: 85 characters.
pub(crate) const TOPIC: &str =
    "edgex/events/device/device-virtual/Random-Integer-Device/Random-Integer-Device/Int16x";
/// [`TOPIC`] on NATS.
pub(crate) const SUBJECT: &str =
    "edgex.events.device.device-virtual.Random-Integer-Device.Random-Integer-Device.Int16x";
const _: () = assert!(TOPIC.len() == 85 && SUBJECT.len() == 85);

const CORRELATION_ID: &str = Stamp::PLACEHOLDER;
/// As in the reference figures: what the bytes are does not matter.
const RAW_CONTENT_TYPE: &str = "application/json";
/// Bytes before the headers, which say how many these are: clients know that from the protocol.
pub(crate) const FRAME_BYTES: usize = 4;

/// Whatever stops a message; it never happens while measuring.
pub(crate) type Failure = Box<dyn Error>;

/// A layout; where it is native, who carries the attributes and how the event is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Marshalled(Layout),
    Native(Carrier, Encoding),
}

/// What a message carries.
pub(crate) enum Content {
    /// Pseudo-random bytes.
    Raw { bytes: usize },
    /// A generated event.
    Event { spec: &'static str },
}

impl Way {
    pub(crate) const ALL: [(&str, Self); 7] = [
        ("json", Self::Marshalled(Layout::Json)),
        ("json-base64", Self::Marshalled(Layout::JsonBase64)),
        ("cbor", Self::Marshalled(Layout::Cbor)),
        ("native-nats", Self::Native(Carrier::Nats, Encoding::Json)),
        (
            "native-nats-cbor",
            Self::Native(Carrier::Nats, Encoding::Cbor),
        ),
        ("native-mqtt5", Self::Native(Carrier::Mqtt5, Encoding::Json)),
        ("native-redis", Self::Native(Carrier::Redis, Encoding::Json)),
    ];

    /// How an event is encoded.
    const fn encoding(self) -> Encoding {
        match self {
            Self::Marshalled(Layout::Cbor) => Encoding::Cbor,
            Self::Marshalled(_) => Encoding::Json,
            Self::Native(_, encoding) => encoding,
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
    headers: Vec<u8>,
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
                let spec: EventSpec = spec.parse()?;
                Loaded::Event(Box::new(generate(&spec, 1, 0)))
            }
        };
        Ok(Self {
            way,
            loaded,
            encoder: EventEncoder::default(),
            headers: Vec::new(),
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

    /// The message as it leaves: [`FRAME_BYTES`], headers, body.
    pub(crate) fn encode(&mut self) -> Result<&[u8], Failure> {
        let content_type = match self.loaded {
            Loaded::Raw(_) => RAW_CONTENT_TYPE,
            Loaded::Event(_) => self.way.encoding().content_type(),
        };
        let envelope = Envelope::of_event(CORRELATION_ID, content_type);
        self.headers.clear();
        self.body.clear();
        if let Way::Native(carrier, _) = self.way {
            if carrier == Carrier::Nats {
                black_box(topic::nats_subject(black_box(TOPIC)));
            }
            attributes::write(carrier, &envelope, &mut self.headers);
        }
        let body = match (&self.loaded, self.way) {
            (Loaded::Raw(bytes), Way::Native(..)) => bytes,
            (Loaded::Raw(bytes), Way::Marshalled(layout)) => {
                let payload = Payload::Bytes(Cow::Borrowed(bytes));
                codec::encode(layout, &envelope, &payload, &mut self.body)?;
                &self.body
            }
            (Loaded::Event(request), Way::Native(_, encoding)) => {
                request.encode(encoding, &mut self.body)?;
                &self.body
            }
            (Loaded::Event(request), Way::Marshalled(layout)) => {
                self.encoder
                    .encode(layout, &envelope, request, &mut self.body)?;
                &self.body
            }
        };
        self.outgoing.clear();
        let length = u32::try_from(self.headers.len())?;
        self.outgoing.extend_from_slice(&length.to_be_bytes());
        self.outgoing.extend_from_slice(&self.headers);
        self.outgoing.extend_from_slice(body);
        Ok(&self.outgoing)
    }
}

/// Reads messages, keeping a buffer for payloads that are not as they stand in the message.
pub(crate) struct Receiver {
    way: Way,
    raw: bool,
    scratch: Vec<u8>,
}

impl Receiver {
    pub(crate) fn new(way: Way, content: &Content) -> Self {
        Self {
            way,
            raw: matches!(content, Content::Raw { .. }),
            scratch: Vec::new(),
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
        let payload = match self.way {
            Way::Marshalled(layout) => {
                let message = codec::decode(layout, body)?;
                black_box(&message.envelope);
                message.payload.read_into(layout, &mut self.scratch)?
            }
            Way::Native(carrier, _) => {
                if carrier == Carrier::Nats {
                    black_box(topic::nats_topic(black_box(SUBJECT)));
                }
                let (envelope, payload) = attributes::read(carrier, headers, body)?;
                black_box(&envelope);
                payload
            }
        };
        if self.raw {
            return Ok(black_box(payload).len());
        }
        let request = AddEventRequest::decode(self.way.encoding(), payload)?;
        request.validate()?;
        Ok(black_box(&request).event.readings.len())
    }
}
