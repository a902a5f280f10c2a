//! What all vendors share: alphabets and parts, numbers, words.

use entities::{Address, AddressKind};
use proptest::prelude::*;
use switchboard::channels::sms::{
    keywords::{Wish, wish},
    phone::{End, bare, contact, dialled, end, is_toll_free, ours},
    segments::{Alphabet, Longest, alphabet, length, pieces, segments},
};

// checklist 19
#[test]
fn a_single_message_has_160_units_of_gsm_7_or_70_of_ucs_2_and_parts_have_fewer() {
    let count = |letter: &str, times: usize| segments(&letter.repeat(times));
    assert_eq!([count("a", 0), count("a", 160), count("a", 161), count("a", 306), count("a", 307)], [1, 1, 2, 2, 3]);
    assert_eq!([count("я", 70), count("я", 71), count("я", 134), count("я", 135)], [1, 2, 2, 3]);
    assert_eq!(count("a", 1600), 11);
}

// checklist 19
#[test]
fn one_character_outside_gsm_7_makes_the_whole_message_ucs_2() {
    assert_eq!(alphabet("It's ok: @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\r\n"), Alphabet::Gsm7);
    for letter in ["’", "“", "😀", "ç", "я", "`", "\u{0}", "…"] {
        assert_eq!(alphabet(&format!("hello {letter}")), Alphabet::Ucs2, "{letter}");
    }
    assert_eq!(segments(&format!("{}’", "a".repeat(70))), 2);
}

// checklist 19
#[test]
fn characters_of_the_extension_count_double_and_are_not_torn() {
    for letter in ["^", "{", "}", "\\", "[", "~", "]", "|", "€"] {
        assert_eq!((alphabet(letter), length(letter)), (Alphabet::Gsm7, 2), "{letter}");
    }
    assert_eq!([segments(&"€".repeat(80)), segments(&"€".repeat(81))], [1, 2]);
    // 153 is odd: 76 of them fit into a part, and the last unit stays free.
    assert_eq!([segments(&"€".repeat(152)), segments(&"€".repeat(153))], [2, 3]);
    // 67 is odd as well: 33 emoji fit.
    assert_eq!([segments(&"😀".repeat(35)), segments(&"😀".repeat(36)), segments(&"😀".repeat(67))], [1, 2, 3]);
}

#[test]
fn pieces_fit_in_whichever_alphabet_they_are() {
    let longest = Longest { gsm7: 300, ucs2: 100 };
    assert_eq!(pieces("", longest).len(), 0);
    assert_eq!(pieces(&"a".repeat(300), longest).len(), 1);
    assert_eq!(pieces(&"€".repeat(300), longest).len(), 2);
    assert_eq!(pieces(&"я".repeat(300), longest).len(), 3);
}

#[test]
fn ends_have_one_spelling() {
    let number = |text: &str| Some(End::Number(text.to_owned()));
    assert_eq!(end("+15005550001"), number("+15005550001"));
    assert_eq!(end("15005550001"), number("+15005550001"));
    assert_eq!(end(" 1 (500) 555-0001 "), number("+15005550001"));
    assert_eq!(end("+6834000"), number("+6834000"));
    assert_eq!(end("12345"), Some(End::ShortCode("12345".to_owned())));
    assert_eq!(end("MYBANK"), Some(End::Name("MYBANK".to_owned())));
    assert_eq!(end("4Shop"), Some(End::Name("4Shop".to_owned())));
    assert_eq!(end("1234567890123456"), Some(End::Name("1234567890123456".to_owned())), "longer than any number");
    assert_eq!([end(""), end("  "), end("\u{7}")], [None, None, None]);
    assert_eq!((ours("15005550006").as_str(), ours("").as_str(), bare("+15")), ("+15005550006", "", "15"));
    assert_eq!(contact("12345", "+15005550006").unwrap().value, "12345@+15005550006");
    assert!(is_toll_free("+18005550100") && !is_toll_free("+15005550006") && !is_toll_free("+18005550100000"));
}

#[test]
fn what_is_kept_of_a_contact_is_what_an_answer_is_sent_to() {
    let dial = |kind, value: &str| dialled(&Address { kind, value: value.to_owned() });
    for from in ["+15005550001", "12345"] {
        let kept = contact(from, "+15005550006").unwrap();
        assert_eq!(dialled(&kept).unwrap(), from);
    }
    assert_eq!(dial(AddressKind::Phone, "alpha:MYBANK").unwrap_err().code, "cannot_reply");
    assert_eq!(dial(AddressKind::Email, "a@b.c").unwrap_err().code, "address");
    assert_eq!(dial(AddressKind::Whatsapp, "US.123").unwrap_err().code, "address");
}

// checklist 18
#[test]
fn only_the_whole_message_is_a_word() {
    let said = |text: &str| wish(text, "+15005550006");
    assert_eq!([said(" stop "), said("Stop"), said("STOPALL\n")], [Some(Wish::Stop); 3]);
    assert_eq!([said("please stop"), said("stopp"), said("")], [None; 3]);
    assert_eq!([said("yes"), said("info")], [Some(Wish::Start), Some(Wish::Help)]);
}

proptest! {
    #[test]
    fn no_piece_is_too_long_and_nothing_but_white_space_is_lost(text in "[a-z€я😀 \\n]{0,600}") {
        let longest = Longest { gsm7: 60, ucs2: 25 };
        let pieces = pieces(&text, longest);
        for piece in &pieces {
            let max = if alphabet(piece) == Alphabet::Gsm7 { longest.gsm7 } else { longest.ucs2 };
            prop_assert!(length(piece) <= max, "{piece:?}");
        }
        let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        prop_assert_eq!(letters(&pieces.concat()), letters(&text));
    }

    #[test]
    fn segments_grow_with_the_text(text in "\\PC{0,400}") {
        prop_assert!(segments(&text) <= segments(&text.repeat(2)));
        end(&text);
        ours(&text);
    }
}
