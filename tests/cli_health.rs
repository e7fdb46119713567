//! `verify` and `repair` on a practice mailbox, damaged on purpose.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::FileExt as _;

use serde_json::Value;
use tcv_support::Program;

fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_thucongvu")).unwrap()
}

fn json(program: &Program, args: &[&str], code: i32) -> Value {
    let all = [args, &["--practice", "--json"]].concat();
    let done = program.run(&all).unwrap();
    done.expect_code(code).unwrap().json().unwrap()
}

#[test]
fn an_empty_folder_is_sound_and_needs_no_passphrase() {
    let program = program();
    let found = program.run(&["verify", "--json"]).unwrap();
    let found = found.expect_code(0).unwrap().json().unwrap();
    assert_eq!(found["sound"], true);
    assert_eq!(found["files"][0]["bytes"], Value::Null);
    let there = |name: &str| program.data_dir().join(name).exists();
    assert!(
        !there("vault") && !there("own.db"),
        "looking made something"
    );
}

#[test]
fn damage_is_told_by_the_exit_code_and_mended() {
    let program = program();
    json(&program, &["sync", "--bodies", "all"], 0);
    let found = json(&program, &["verify"], 0);
    let messages = found["messages"].as_u64().unwrap();
    assert!(messages > 10 && found["bodies"].as_u64() == Some(messages));
    let untouched = json(&program, &["repair"], 0);
    assert_eq!(untouched["steps"].as_array().unwrap().len(), 0);

    let cache = program.data_dir().join("practice/cache.db");
    let file = fs::OpenOptions::new().write(true).open(&cache).unwrap();
    let middle = fs::metadata(&cache).unwrap().len() / 8192 * 4096;
    file.write_all_at(&[0x5a; 4096], middle).unwrap();
    let found = json(&program, &["verify"], 6);
    assert_eq!(found["sound"], false);
    let said = program
        .run(&["verify", "--practice", "--lang", "vi"])
        .unwrap();
    let said = said.expect_code(6).unwrap().stdout;
    assert!(said.contains("trang của tệp bị hỏng"), "{said}");

    let mended = json(&program, &["repair"], 0);
    assert_eq!(mended["steps"][0]["step"], "cache-replaced");
    assert_eq!(
        (&mended["sound"], &mended["fetched"]),
        (&true.into(), &true.into())
    );
    let found = json(&program, &["verify"], 0);
    assert_eq!(
        found["messages"].as_u64(),
        Some(messages),
        "from the server again"
    );
}
