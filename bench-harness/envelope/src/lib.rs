//! EdgeX events and envelope codecs: bytes in, bytes out. No IO, no async, no clock.
//!
//! An [`AddEventRequest`] is encoded as JSON or CBOR ([`Encoding`]); that payload travels in an
//! [`Envelope`], laid out as a [`Layout`] says ([`codec`], [`native`]). A [`Prepared`] message is
//! such a message with a place for a [`Stamp`]; a [`PayloadSpec`] says what is generated for it. A
//! [`Composer`] builds it anew for each publish, and an [`Opener`] opens each delivery, as deep as a
//! [`Depth`] says.

mod any;
pub mod codec;
mod composer;
mod depth;
mod encoding;
mod envelope;
mod error;
mod event;
mod generate;
mod layout;
pub mod native;
mod object;
mod opener;
mod payload;
mod prepared;
mod stamp;
mod text;
pub mod topic;
mod wire;

pub use any::Any;
pub use composer::Composer;
pub use depth::{Depth, UnknownDepth};
pub use encoding::Encoding;
pub use envelope::{Envelope, EnvelopeRef};
pub use error::{DecodeError, EncodeError, Form};
pub use event::{AddEventRequest, Event, Reading, ValidationError, Value};
pub use generate::{EventSpec, InvalidPayloadSpec, PayloadSpec, ValueType, generate};
pub use layout::{Layout, UnknownLayout};
pub use object::{Object, Raw, Tags};
pub use opener::{OpenError, Opener};
pub use payload::{Message, Payload};
pub use prepared::Prepared;
pub use stamp::Stamp;
pub use text::Text;
