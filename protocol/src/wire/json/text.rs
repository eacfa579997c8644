//! Strings: which bytes of them are special, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Returns how many bytes stand before the first quote, backslash or control character; all, if there is none.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let plain = rest.iter().position(|byte| is_special(*byte));
    words.len() * 8 + plain.unwrap_or(rest.len())
}

/// Sets the high bit of the first special byte; those of later bytes may be set, too.
#[inline]
fn special(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = zero(word ^ (ONES * b'"' as u64));
    let backslash = zero(word ^ (ONES * b'\\' as u64));
    (control | quote | backslash) & HIGH
}

#[inline]
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_judged_alone() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=255 {
                    for around in [b' ', b'!', b'~', 0x80, 0xff, b'#', b'[', b']'] {
                        let mut bytes = vec![around; length];
                        bytes[at] = byte;
                        let expected = if is_special(byte) { at } else { length };
                        assert_eq!(plain_length(&bytes), expected, "{bytes:?}");
                    }
                }
            }
        }
    }
}
