//! A set of sequence numbers that forgets its complete prefix.

use std::collections::VecDeque;

const WORD_BITS: usize = u64::BITS as usize;
const PAGE_WORDS: usize = 512;
const PAGE_BITS: usize = PAGE_WORDS * WORD_BITS;

/// The sequence numbers that have come.
#[derive(Debug, Default)]
pub(super) struct SeenSequences {
    /// Pages before the first one that are complete, and so need no memory.
    complete: usize,
    pages: VecDeque<Page>,
    /// A cleared page, so that a run without holes allocates one page and no more.
    spare: Option<Box<Bits>>,
}

/// The numbers `n * PAGE_BITS..(n + 1) * PAGE_BITS`.
#[derive(Debug)]
enum Page {
    Empty,
    Partial(Box<Bits>),
    Full,
}

#[derive(Debug)]
struct Bits {
    words: [u64; PAGE_WORDS],
    set: usize,
}

impl SeenSequences {
    /// Adds a number; false where it was there already.
    #[inline]
    pub(super) fn insert(&mut self, sequence: u32) -> bool {
        let sequence = sequence as usize;
        let Some(place) = (sequence / PAGE_BITS).checked_sub(self.complete) else {
            return false;
        };
        match self.pages.get_mut(place) {
            Some(Page::Partial(bits)) => {
                let fresh = bits.insert(sequence % PAGE_BITS);
                if bits.set == PAGE_BITS {
                    self.complete_page(place);
                }
                fresh
            }
            Some(Page::Full) => false,
            Some(Page::Empty) | None => {
                self.start_page(place, sequence % PAGE_BITS);
                true
            }
        }
    }

    /// Memory on the heap.
    #[cfg(test)]
    pub(super) fn memory_bytes(&self) -> usize {
        let partial = |page: &&Page| matches!(page, Page::Partial(_));
        let allocated = self.pages.iter().filter(partial).count() + self.spare.iter().count();
        self.pages.capacity() * size_of::<Page>() + allocated * size_of::<Bits>()
    }

    #[cold]
    fn start_page(&mut self, place: usize, bit: usize) {
        while self.pages.len() <= place {
            self.pages.push_back(Page::Empty);
        }
        let mut bits = self.spare.take().unwrap_or_default();
        bits.insert(bit);
        self.pages[place] = Page::Partial(bits);
    }

    #[cold]
    fn complete_page(&mut self, place: usize) {
        if let Page::Partial(mut bits) = std::mem::replace(&mut self.pages[place], Page::Full) {
            bits.words.fill(0);
            bits.set = 0;
            self.spare = Some(bits);
        }
        while let Some(Page::Full) = self.pages.front() {
            self.pages.pop_front();
            self.complete += 1;
        }
    }
}

impl Bits {
    #[inline]
    fn insert(&mut self, bit: usize) -> bool {
        let word = &mut self.words[bit / WORD_BITS];
        let mask = 1 << (bit % WORD_BITS);
        let fresh = *word & mask == 0;
        *word |= mask;
        self.set += usize::from(fresh);
        fresh
    }
}

impl Default for Bits {
    fn default() -> Self {
        Self {
            words: [0; PAGE_WORDS],
            set: 0,
        }
    }
}
