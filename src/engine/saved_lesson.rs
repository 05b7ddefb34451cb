//! A demonstration in a savefile: its packets, with what was found out about them as comments.

use super::failure::Failure;
use super::saved_encoding::remark;
use super::transcript::Transcript;
use super::unwritten::Unwritten;
use crate::analyse::Place;
use crate::lab::Encoding;
use crate::model::{LinkType, OwnedFrame};
use crate::source::Heading;

/// Saves the packets of every place where they were captured.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn save_lesson(
    save: &mut Unwritten,
    transcript: &Transcript,
    link: LinkType,
    places: &[Place],
    encoding: Encoding,
) -> Result<(), Failure> {
    let comment = remark("A layerscope demonstration: calls and states are packet comments.", encoding);
    let interface = places.first().map(|place| place.name.as_str());
    let mut savefile = save.begin(&Heading { link, interface, comment: Some(&comment) })?;
    for (number, place) in (0..).zip(places) {
        savefile.describe(number, link, &place.name);
    }
    for frame in everywhere(transcript.annotated(), places) {
        if let Err(error) = savefile.write_frame(&frame.as_frame()) {
            return Err(savefile.give_up(error.into()));
        }
    }
    savefile.finish()
}

/// The packets of all places in order of time, the first place's with their comments.
fn everywhere(mut frames: Vec<OwnedFrame>, places: &[Place]) -> Vec<OwnedFrame> {
    frames.extend(places.iter().skip(1).flat_map(|place| place.frames.iter().cloned()));
    frames.sort_by_key(|frame| frame.time);
    frames
}
