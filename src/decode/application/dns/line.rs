//! The line about a DNS message: what it asks, and what it is answered.

use super::header::{ANSWERS, CODE, HEADER_LEN, ID, QUESTIONS, RESPONSE, code_name};
use super::message::Dns;
use super::record_types::{self, type_name};
use crate::decode::spec::{Spec, stretch};

/// The most questions, and the most answers, that the line about a message has.
const MOST_IN_LINE: u64 = 32;

impl Dns<'_> {
    /// The line about the message: what it asks, and what it is answered.
    pub(super) fn line(&self) -> String {
        let number = |spec: &Spec| spec.read(self.bytes).unwrap_or(0);
        let direction = if number(&RESPONSE) == 1 { "response" } else { "query" };
        let mut line = format!("{direction} 0x{:04x}", number(&ID));
        let mut at = HEADER_LEN;
        let questions = number(&QUESTIONS);
        for _ in 0..questions.min(MOST_IN_LINE) {
            let Some(question) = self.names.entry(at) else { return line };
            line.push_str(&format!(" {} {}", type_name(question.kind), question.name));
            at = question.end;
        }
        if questions > MOST_IN_LINE {
            line.push_str(&format!(" and {} more questions", questions.saturating_sub(MOST_IN_LINE)));
            return line;
        }
        if number(&CODE) != 0 {
            let code = code_name(number(&CODE)).unwrap_or("error".into());
            line.push_str(&format!(": {code}"));
        }
        let answers = number(&ANSWERS);
        for index in 0..answers.min(MOST_IN_LINE) {
            let Some((answer, next)) = self.answer(at) else { return line };
            line.push_str(if index == 0 { ": " } else { ", " });
            line.push_str(&answer);
            at = next;
        }
        if answers > MOST_IN_LINE {
            line.push_str(&format!(" and {} more", answers.saturating_sub(MOST_IN_LINE)));
        }
        line
    }

    /// What a record that is all there says, and where the next one begins.
    fn answer(&self, at: usize) -> Option<(String, usize)> {
        let name_end = self.names.end(at)?;
        let &[a, b, _, _, _, _, _, _, c, d] = self.bytes.get(name_end..)?.first_chunk()?;
        let kind = u16::from_be_bytes([a, b]);
        let data = stretch(name_end.saturating_add(10), usize::from(u16::from_be_bytes([c, d])));
        let end = data.end;
        self.bytes.get(data.clone())?;
        let (_, words) = record_types::spell(self, kind, data.start, end);
        Some((format!("{} {words}", type_name(kind)).trim_end().to_owned(), end))
    }
}
