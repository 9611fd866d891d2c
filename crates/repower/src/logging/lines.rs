//! Lines of the log on their way out: a bounded buffer, and one thread that writes
//! them. Only that thread waits for the reader of the log, or learns that there is none.

use std::{
    io, iter,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

/// The most bytes that wait to be written: 4 MiB.
const MAX_WAITING: usize = 4 << 20;

/// The pause of the thread after the lines that waited: 2 milliseconds. Those that come
/// meanwhile wake no thread, which would cost each request more than its line. An end without
/// notice (SIGKILL) loses them.
const PAUSE: Duration = Duration::from_millis(2);

/// The most bytes of lines that wait and are written at once: 4 KiB, which no other writer of a pipe
/// interrupts (`PIPE_BUF`).
const MAX_BATCH: usize = 4 << 10;

/// The buffer. Clones share it.
#[derive(Clone)]
pub(super) struct Lines {
    sender: Sender<Message>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    waiting: AtomicUsize,
    dropped: AtomicU64,
}

enum Message {
    Line(Vec<u8>),
    /// A request to tell when all lines before it are written.
    Flush(Sender<()>),
}

impl Lines {
    /// A buffer whose thread hands lines to `write`, those that wait in one
    /// text. Where lines were dropped and
    /// writing works again, it hands their number to `tell`.
    ///
    /// # Errors
    ///
    /// The system has no threads.
    pub(super) fn written_by(
        write: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static,
        tell: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, messages) = mpsc::channel();
        let state = Arc::<State>::default();
        let lines = Self { sender, state: Arc::clone(&state) };
        let mut writer = Writer { state, write, tell, told: 0, batch: Vec::new(), lines: 0 };
        thread::Builder::new().name("log".to_owned()).spawn(move || writer.run(&messages))?;
        Ok(lines)
    }

    /// Adds a line; drops and counts it where the buffer is full. Never waits.
    pub(super) fn add(&self, line: &[u8]) {
        let with_line = |waiting: usize| waiting.checked_add(line.len()).filter(|bytes| *bytes <= MAX_WAITING);
        let has_room = self.state.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, with_line).is_ok();
        if !has_room || self.sender.send(Message::Line(line.to_vec())).is_err() {
            self.state.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The number of lines that were dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.state.dropped.load(Ordering::Relaxed)
    }

    /// Waits until all lines so far are written, or for this time.
    pub(super) fn flush(&self, time: Duration) {
        let (sender, written) = mpsc::channel();
        if self.sender.send(Message::Flush(sender)).is_ok() {
            // What is not written by then has no reader.
            let _ = written.recv_timeout(time);
        }
    }
}

/// What `tracing` writes to: an event at a time.
impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes all messages to their end.
struct Writer<W, T> {
    state: Arc<State>,
    write: W,
    tell: T,
    /// The number of dropped lines that `tell` knows of.
    told: u64,
    /// The lines of the next write, and their number.
    batch: Vec<u8>,
    lines: u64,
}

impl<W: FnMut(&[u8]) -> io::Result<()>, T: Fn(u64)> Writer<W, T> {
    fn run(&mut self, messages: &Receiver<Message>) {
        while let Ok(first) = messages.recv() {
            for message in iter::once(first).chain(messages.try_iter()) {
                match message {
                    Message::Line(line) => self.add(&line),
                    Message::Flush(written) => {
                        self.write();
                        // The caller may have timed out.
                        let _ = written.send(());
                    }
                }
            }
            self.write();
            thread::sleep(PAUSE);
        }
    }

    fn add(&mut self, line: &[u8]) {
        if self.batch.len() + line.len() > MAX_BATCH {
            self.write();
        }
        self.batch.extend_from_slice(line);
        self.lines += 1;
    }

    fn write(&mut self) {
        if self.lines == 0 {
            return;
        }
        let written = (self.write)(&self.batch);
        let bytes = self.batch.len();
        let waiting = self.state.waiting.fetch_sub(bytes, Ordering::AcqRel) - bytes;
        if written.is_err() {
            self.state.dropped.fetch_add(self.lines, Ordering::Relaxed);
        } else if waiting <= MAX_WAITING / 2 {
            let dropped = self.state.dropped.load(Ordering::Relaxed);
            if dropped > self.told {
                (self.tell)(dropped - self.told);
            }
            self.told = dropped;
        }
        self.batch.clear();
        self.lines = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    /// What the thread of a buffer wrote.
    type Written = Arc<Mutex<Vec<Vec<u8>>>>;

    /// A buffer with what it wrote and the numbers that it told. Each answer lets a write
    /// succeed or fails it; without a sender all succeed.
    fn lines(answers: Receiver<io::Result<()>>) -> (Lines, Written, Receiver<u64>) {
        let written = Written::default();
        let (sender, told) = mpsc::channel();
        let target = Arc::clone(&written);
        let write = move |line: &[u8]| {
            answers.recv().unwrap_or(Ok(()))?;
            target.lock().unwrap().push(line.to_vec());
            Ok(())
        };
        let lines = Lines::written_by(write, move |dropped| sender.send(dropped).unwrap()).unwrap();
        (lines, written, told)
    }

    #[test]
    fn lines_are_written_in_their_order() {
        let (answer, answers) = mpsc::channel();
        drop(answer);
        let (lines, written, _told) = lines(answers);
        let sent: Vec<_> = (0..1_000).map(|line| format!("{line}\n").into_bytes()).collect();
        for line in &sent {
            lines.add(line);
        }
        lines.flush(LONG);
        let written = written.lock().unwrap();
        assert_eq!(written.concat(), sent.concat());
        assert!(written.iter().all(|lines| lines.ends_with(b"\n")));
        assert_eq!(lines.dropped(), 0);
    }

    #[test]
    fn lines_that_wait_are_one_write_up_to_its_maximum() {
        let (answer, answers) = mpsc::channel();
        let (lines, written, _told) = lines(answers);
        let long = vec![b'x'; MAX_BATCH + 1];
        for line in [b"a\n", b"b\n", long.as_slice(), b"c\n", &long[..MAX_BATCH - 2], b"d\n"] {
            lines.add(line);
        }
        // The first write, of those that were there, has stood still until now.
        drop(answer);
        lines.flush(LONG);
        let written: Vec<_> = written.lock().unwrap().iter().map(Vec::len).collect();
        assert!([&[4, MAX_BATCH + 1, MAX_BATCH, 2], &[2, 2, MAX_BATCH + 1, MAX_BATCH, 2][..]].contains(&&written[..]));
    }

    #[test]
    fn a_line_that_cannot_be_written_is_counted_and_told_once_writing_works() {
        let (answer, answers) = mpsc::channel();
        let (lines, written, told) = lines(answers);
        // Each is a write of its own.
        let [a, b, c, d] = [b'a', b'b', b'c', b'd'].map(|letter| vec![letter; MAX_BATCH]);
        for line in [&a, &b, &c, &d] {
            lines.add(line);
        }
        for works in [false, false, true, true] {
            answer.send(if works { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }).unwrap();
        }
        lines.flush(LONG);
        assert_eq!((lines.dropped(), told.try_iter().collect::<Vec<_>>()), (2, vec![2]));
        assert_eq!(*written.lock().unwrap(), [c, d]);
    }

    #[test]
    fn nobody_waits_for_a_writer_that_stands_still() {
        let (answer, answers) = mpsc::channel();
        let (lines, written, told) = lines(answers);
        let half = vec![b'x'; MAX_WAITING / 2];
        for _ in 0..5 {
            lines.add(&half);
        }
        assert_eq!(lines.dropped(), 3);
        lines.flush(Duration::ZERO);
        drop(answer);
        assert_eq!(told.recv_timeout(LONG), Ok(3));
        lines.flush(LONG);
        assert_eq!(written.lock().unwrap().len(), 2);
    }
}
