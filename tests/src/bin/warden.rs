//! Waits until the process that started it is gone, then ends and removes what that process left behind.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead};
use std::time::Duration;
use std::{env, fs, thread};

use e2e::postgres;
use e2e::process::signal;
use e2e::warden::{LOCK_VARIABLE, Ward};

fn main() {
    // Held until the end.
    let _lock =
        env::var_os(LOCK_VARIABLE).map(|path| File::open(path).and_then(|file| file.lock_shared().map(|()| file)));
    let mut processes = BTreeSet::new();
    let mut folders = Vec::new();
    let mut databases = Vec::new();
    // The input ends when the other side does, whether it returned, panicked or was killed.
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match Ward::parse(&line) {
            Some(Ward::Process(pid)) => _ = processes.insert(pid),
            Some(Ward::Ended(pid)) => _ = processes.remove(&pid),
            Some(Ward::Folder(path)) => folders.push(path),
            Some(Ward::Database { server, name }) => databases.push((server, name)),
            None => eprintln!("warden: cannot read `{line}`"),
        }
    }
    for pid in processes {
        signal(pid, "KILL");
    }
    for folder in folders {
        if let Err(error) = fs::remove_dir_all(&folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            eprintln!("warden: folder `{folder}` is still there: {error}");
        }
    }
    for (server, name) in databases {
        if let Err(error) = drop_patiently(&server, &name) {
            eprintln!("warden: database `{name}` is still there: {error}");
        }
    }
}

/// The server may need a moment to notice that the last service on the database is gone.
fn drop_patiently(server: &str, name: &str) -> Result<(), sqlx::Error> {
    for _ in 0..5 {
        if postgres::drop_database(server, name).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(500));
    }
    postgres::drop_database(server, name)
}
