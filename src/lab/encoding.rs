//! Text to bytes and back, in the encodings the echo programs speak.

use std::str::FromStr;

use super::LabError;
use crate::model::Message;

/// How many bytes of a message are read as text at most: a comment of a capture has room for them.
const LONGEST_TEXT: usize = 8192;

/// How a message becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// The encoding's name in the WHATWG Encoding Standard: `UTF-8`, `GBK`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The message's bytes.
    ///
    /// # Errors
    ///
    /// [`LabError::Inexpressible`] where the encoding has no bytes for a character.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, LabError> {
        let (bytes, _, had_unmappable) = self.0.encode(text);
        if !had_unmappable {
            return Ok(bytes.into_owned());
        }
        let character = text.chars().find(|c| self.0.encode(c.encode_utf8(&mut [0; 4])).2).unwrap_or_default();
        Err(LabError::Inexpressible { text: text.to_owned(), character, encoding: self.name() })
    }

    /// The text of some bytes; `None` where they mean none.
    #[must_use]
    pub fn read(self, bytes: &[u8]) -> Option<String> {
        self.0.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
    }

    /// Whether the bytes end in the middle of a character, and mean text so far.
    pub(super) fn is_cut(self, bytes: &[u8]) -> bool {
        let mut decoder = self.0.new_decoder_without_bom_handling();
        let Some(room) = decoder.max_utf8_buffer_length_without_replacement(bytes.len()) else { return false };
        let mut text = String::with_capacity(room);
        let (so_far, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, false);
        so_far == encoding_rs::DecoderResult::InputEmpty && self.read(bytes).is_none()
    }

    /// The text of some bytes; what they cannot mean becomes U+FFFD. Where that is most of it, what looks like text among it is
    /// chance, and becomes U+FFFD too, but for ASCII.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        const NONE: char = char::REPLACEMENT_CHARACTER;
        let (text, had_errors) = self.0.decode_without_bom_handling(bytes);
        let (none, others) = text
            .chars()
            .filter(|character| !character.is_ascii())
            .fold((0, 0), |(none, others), it| if it == NONE { (none + 1, others) } else { (none, others + 1) });
        if !had_errors || none <= others {
            return text.into_owned();
        }
        text.chars().map(|character| if character.is_ascii() { character } else { NONE }).collect()
    }

    /// A message as calls have it: its length, and its text, of a long one the beginning.
    pub(super) fn message(self, bytes: &[u8]) -> Message {
        let beginning = bytes.get(..LONGEST_TEXT).unwrap_or(bytes);
        Message { len: u32::try_from(bytes.len()).unwrap_or(u32::MAX), text: self.decode(beginning) }
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self(encoding_rs::UTF_8)
    }
}

/// By any label of the WHATWG Encoding Standard: `utf-8`, `gbk`, `GB2312`, `latin1`.
impl FromStr for Encoding {
    type Err = LabError;

    fn from_str(label: &str) -> Result<Self, LabError> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            // The standard decodes UTF-16 but encodes it as UTF-8; an encoding that only goes one way is none for an echo.
            .filter(|encoding| encoding.output_encoding() == *encoding)
            .map(Self)
            .ok_or_else(|| LabError::UnknownEncoding(label.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_other_bytes_in_gbk() {
        let gbk: Encoding = "gbk".parse().unwrap();
        assert_eq!(gbk.encode("你好").unwrap(), [0xc4, 0xe3, 0xba, 0xc3]);
        assert_eq!(gbk.decode(&[0xc4, 0xe3, 0xba, 0xc3]), "你好");
        assert_eq!(Encoding::default().encode("你好").unwrap().len(), 6);
    }

    #[test]
    fn no_half_of_a_text_in_another_encoding_is_read() {
        let (utf8, gbk): (Encoding, Encoding) = (Encoding::default(), "gbk".parse().unwrap());
        let text = utf8.decode(&gbk.encode("你好服务端: ok").unwrap());
        assert!(text.ends_with(": ok") && !text.contains('÷'), "{text}");
        assert!(text.trim_end_matches(": ok").chars().all(|it| it == char::REPLACEMENT_CHARACTER), "{text}");
        // A text that is cut stays.
        assert_eq!(utf8.decode("你好".as_bytes().split_at(4).0), "你\u{fffd}");
    }

    #[test]
    fn what_an_encoding_cannot_say_is_named() {
        let gbk: Encoding = "gbk".parse().unwrap();
        let error = gbk.encode("a😀").unwrap_err().to_string();
        assert!(error.contains('😀') && error.contains("GBK"), "{error}");
    }

    #[test]
    fn a_character_that_is_not_all_there_is_told_from_rubbish() {
        let (utf8, gbk): (Encoding, Encoding) = (Encoding::default(), "gbk".parse().unwrap());
        assert!(utf8.is_cut(b"a\xe4\xbd") && gbk.is_cut(b"\xc4"));
        assert!(!utf8.is_cut("你".as_bytes()) && !utf8.is_cut(b"") && !utf8.is_cut(b"\xff\xe4"));
    }

    #[test]
    fn what_ascii_means_is_said() {
        let error = "ascii".parse::<Encoding>().unwrap().encode("你").unwrap_err().to_string();
        assert!(error.contains("windows-1252, which the WHATWG standard means by ascii"), "{error}");
    }

    #[test]
    fn an_encoding_that_only_decodes_is_refused() {
        assert!("utf-16".parse::<Encoding>().is_err());
        assert!("klingon".parse::<Encoding>().is_err());
    }
}
