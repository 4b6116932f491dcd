package io.rafttsdb.storage.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.ChunkPointer;
import io.rafttsdb.storage.block.ChunkSeries;
import io.rafttsdb.storage.block.Intervals;
import io.rafttsdb.storage.chunk.Chunk;
import io.rafttsdb.storage.chunk.ChunkEncoder;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MergeTest {

  private static final Labels UP = Labels.of("__name__", "up");

  private final List<Long> loaded = new ArrayList<>();

  /** Notes its start when it is loaded. */
  private final class NotedChunk implements ChunkPointer {
    private final Chunk chunk;

    NotedChunk(long... timesMs) {
      List<Sample> samples = LongStream.of(timesMs).mapToObj(t -> Sample.of(t, t)).toList();
      ChunkEncoder encoder = new ChunkEncoder(new SampleList(samples));
      chunk = Objects.requireNonNull(encoder.next());
    }

    @Override
    public long minMs() {
      return chunk.minMs();
    }

    @Override
    public long maxMs() {
      return chunk.maxMs();
    }

    @Override
    public Chunk load() {
      loaded.add(chunk.minMs());
      return chunk;
    }
  }

  private ChunkSeries series(Intervals deleted, ChunkPointer... chunks) {
    return new ChunkSeries(UP, List.of(chunks), deleted);
  }

  private static List<Long> times(SampleCursor cursor) {
    return Sample.rest(cursor).stream().map(Sample::timestampMs).toList();
  }

  @Test
  void aChunkIsLoadedWhenItsTurnComes() {
    SampleCursor cursor =
        SeriesMerge.cursor(
            List.of(
                series(Intervals.NONE, new NotedChunk(50, 60), new NotedChunk(70, 80)),
                series(Intervals.NONE, new NotedChunk(10, 20), new NotedChunk(30, 40))),
            0,
            1000);
    assertThat(loaded).isEmpty();
    assertThat(cursor.next()).isTrue();
    assertThat(loaded).containsExactly(10L);
    assertThat(cursor.seek(31)).isTrue();
    assertThat(cursor.timestampMs()).isEqualTo(40);
    assertThat(loaded).containsExactly(10L, 30L);
    assertThat(cursor.seek(65)).isTrue();
    assertThat(cursor.timestampMs()).isEqualTo(70);
    assertThat(loaded).as("50 to 60 is passed over").containsExactly(10L, 30L, 70L);
  }

  @Test
  void neitherDeletedNorOuterChunksAreLoaded() {
    ChunkSeries series =
        series(
            Intervals.NONE.with(20, 45),
            new NotedChunk(1, 2),
            new NotedChunk(10, 20),
            new NotedChunk(30, 40),
            new NotedChunk(45, 46),
            new NotedChunk(60, 61));
    assertThat(times(new ChunkCursor(series, 5, 59))).containsExactly(10L, 46L);
    assertThat(loaded).containsExactly(10L, 45L);
  }

  @Test
  void theEndsOfTimeAreSeenOnce() {
    ChunkSeries series =
        series(Intervals.NONE, new NotedChunk(Long.MIN_VALUE), new NotedChunk(5, Long.MAX_VALUE));
    assertThat(times(SeriesMerge.cursor(List.of(series, series), Long.MIN_VALUE, Long.MAX_VALUE)))
        .containsExactly(Long.MIN_VALUE, 5L, Long.MAX_VALUE);
    ChunkSeries cut = series(Intervals.NONE.with(6, Long.MAX_VALUE), new NotedChunk(5, 7));
    assertThat(times(new ChunkCursor(cut, Long.MIN_VALUE, Long.MAX_VALUE))).containsExactly(5L);
  }

  @Test
  void aDeletionHidesSamplesOfItsPartOnly() {
    SampleCursor cursor =
        SeriesMerge.cursor(
            List.of(
                series(Intervals.NONE.with(20, 20), new NotedChunk(10, 20)),
                series(Intervals.NONE.with(10, 10), new NotedChunk(10, 20, 30))),
            0,
            100);
    assertThat(times(cursor)).containsExactly(10L, 20L, 30L);
  }

  @Test
  void cursorsAreAskedWhenTheirTurnComes() {
    SampleList first = new SampleList(List.of(Sample.of(1, 1), Sample.of(2, 2)));
    SampleList second = new SampleList(List.of(Sample.of(5, 5)));
    SampleCursor cursor =
        MergeCursor.of(
            List.of(new MergeCursor.Source(second, 5), new MergeCursor.Source(first, 1)));
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.timestampMs()).isEqualTo(2);
    assertThat(second.moves()).isZero();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.valueBits()).isEqualTo(5);
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.next()).isFalse();
    assertThatThrownBy(cursor::timestampMs).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void noSourcesHaveNoSamples() {
    SampleCursor cursor = SeriesMerge.cursor(List.of(), 0, 10);
    assertThatThrownBy(cursor::timestampMs).hasMessage("before the first sample");
    assertThat(cursor.seek(5)).isFalse();
    assertThat(cursor.next()).isFalse();
    assertThatThrownBy(cursor::valueBits).hasMessage("at the end");
  }

  @Test
  void aChunkThatCannotBeReadEndsTheWalk() {
    IOException gone = new IOException("no such sector");
    ChunkPointer unreadable =
        new ChunkPointer() {
          @Override
          public long minMs() {
            return 5;
          }

          @Override
          public long maxMs() {
            return 6;
          }

          @Override
          public Chunk load() throws IOException {
            throw gone;
          }
        };
    ChunkCursor cursor = new ChunkCursor(series(Intervals.NONE, unreadable), 0, 10);
    assertThatThrownBy(cursor::next).isInstanceOf(UncheckedIOException.class).hasCause(gone);
  }

  @Test
  void symbolsAreSortedByTheirBytes() {
    Iterator<String> merge =
        new SymbolMerge(
            List.of(
                List.of("", "a", "\uFF5E").iterator(),
                List.<String>of().iterator(),
                List.of("a", "ab", "\uD83D\uDE00").iterator(),
                List.of("\uD7FF", "\uFF5E", "\uD83D\uDE00", "\uD83D\uDE01").iterator()));
    List<String> merged = new ArrayList<>();
    merge.forEachRemaining(merged::add);
    assertThat(merged)
        .containsExactly("", "a", "ab", "\uD7FF", "\uFF5E", "\uD83D\uDE00", "\uD83D\uDE01");
    assertThatThrownBy(merge::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void sourcesOutOfOrderAreRefused() {
    Labels a = Labels.of("a", "1");
    Labels b = Labels.of("b", "1");
    LabelMerge<Labels> labels = new LabelMerge<>(List.of(List.of(b, a).iterator()), label -> label);
    assertThatThrownBy(labels::next)
        .hasMessage("source 0: expected a series after {b=\"1\"}, got {a=\"1\"}");
    LabelMerge<Labels> twice = new LabelMerge<>(List.of(List.of(a, a).iterator()), label -> label);
    assertThatThrownBy(twice::next).hasMessageContaining("expected a series after");
    SymbolMerge symbols = new SymbolMerge(List.of(List.of("b", "a").iterator()));
    assertThatThrownBy(symbols::next).hasMessage("expected a symbol after \"b\", got \"a\"");
  }
}
