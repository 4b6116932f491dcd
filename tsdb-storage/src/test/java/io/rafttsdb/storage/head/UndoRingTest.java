package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UndoRingTest {

  @Test
  void theFirstNoteOfASeriesCounts() {
    UndoRing ring = new UndoRing(8);
    ring.note(1, 10, 100, null);
    NotesSince notes = new NotesSince(ring, ring.position());
    ring.note(2, 20, 200, null);
    assertThat(notes.collect()).isTrue();
    ring.note(2, 21, 201, null);
    ring.note(3, 30, 300, null);
    assertThat(notes.collect()).isTrue();

    assertThat(notes.find(1)).isNegative();
    assertThat(notes.total(notes.find(2))).isEqualTo(20);
    assertThat(notes.newestMs(notes.find(2))).isEqualTo(200);
    assertThat(notes.total(notes.find(3))).isEqualTo(30);
  }

  @Test
  void notesThatMayBeOverwrittenAreNotTrusted() {
    UndoRing ring = new UndoRing(4);
    NotesSince slow = new NotesSince(ring, 0);
    NotesSince quick = new NotesSince(ring, 0);
    for (int i = 1; i <= 3; i++) {
      ring.note(i, i, i, null);
      assertThat(quick.collect()).isTrue();
    }
    assertThat(slow.collect()).isTrue();

    // The fourth note is written before its position is: then the first one may be gone.
    NotesSince late = new NotesSince(ring, 0);
    ring.note(4, 4, 4, null);
    assertThat(late.collect()).isFalse();
    assertThat(quick.collect()).isTrue();
    assertThat(quick.total(quick.find(4))).isEqualTo(4);
  }

  @Test
  void manySeriesAreKept() {
    UndoRing ring = new UndoRing(4096);
    NotesSince notes = new NotesSince(ring, 0);
    for (int i = 1; i <= 3000; i++) {
      ring.note(i, i * 2L, i * 3L, null);
    }
    assertThat(notes.collect()).isTrue();

    for (int i = 1; i <= 3000; i++) {
      assertThat(notes.total(notes.find(i))).isEqualTo(i * 2L);
      assertThat(notes.newestMs(notes.find(i))).isEqualTo(i * 3L);
    }
    assertThat(notes.find(3001)).isNegative();
  }
}
