//! The least that a durable append can be: bytes to the end of a file, one fdatasync for all who wait.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use tokio::sync::{mpsc, oneshot};

#[derive(Clone)]
pub struct Raw(mpsc::Sender<(Vec<u8>, oneshot::Sender<()>)>);

impl Raw {
    pub fn start(path: &Path) -> Self {
        let (sender, mut waiting) = mpsc::channel::<(Vec<u8>, oneshot::Sender<()>)>(4096);
        let mut file = File::create(path).expect("a file");
        let commit = async move {
            while let Some((mut bytes, answer)) = waiting.recv().await {
                let mut answers = vec![answer];
                while let Ok((more, answer)) = waiting.try_recv() {
                    bytes.extend(more);
                    answers.push(answer);
                }
                file.write_all(&bytes).expect("written");
                file.sync_data().expect("synced");
                for answer in answers {
                    let _ = answer.send(());
                }
            }
        };
        let runtime = tokio::runtime::Handle::current();
        std::thread::spawn(move || runtime.block_on(commit));
        Self(sender)
    }

    pub async fn append(&self, bytes: Vec<u8>) {
        let (answer, answered) = oneshot::channel();
        self.0.send((bytes, answer)).await.expect("it listens");
        answered.await.expect("it answers");
    }
}
