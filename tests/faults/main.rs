//! What may happen to the log, on the real binary: it is killed, the power goes, the disk rots, calls fail,
//! two want it at once. Nothing acknowledged is lost, and what is damaged is said, never passed over.
//!
//! Each campaign has a short form and a long one: `FAULTS=full cargo test --release --test faults`. Each says
//! in one line on stderr what it did and what came of it. `FAULTS_SEED=N` tries the same places again.

mod damage;
mod disk;
mod errors;
mod kill;
mod load;
mod power;
mod rot;
mod stand;
mod tally;
mod tools;
mod tree;
mod two;
